using Causeway.Core.Naming;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.Serving;

/// <summary>Writes a line for each query of the classes that are wanted.</summary>
internal sealed class QueryLog(LogSettings settings, DnsLog log, TimeProvider time, DnsHandler next)
{
    public async ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var reply = await next(query, cancel);
        if (settings.Zones.Cover(query.Question.Name) && IsWanted(reply))
            log.Query(
                $"{query.Client}:{query.Port}", query.Message.Id, query.Question.Type.Word(), query.Question.Name.ToString(),
                query.Transport.ToString().ToLowerInvariant(), DnsReply.IsNone(reply) ? "dropped" : reply.Rcode.Word(),
                time.GetElapsedTime(started).TotalMilliseconds);
        return reply;
    }

    // What is dropped is none of the classes of answers.
    private bool IsWanted(DnsMessage reply) => settings.Classes.Contains("all") || (!DnsReply.IsNone(reply)
        && settings.Classes.Contains(reply.Rcode switch
        {
            DnsRcode.NOERROR when !reply.Answers.IsEmpty => "success",
            DnsRcode.NOERROR or DnsRcode.NXDOMAIN => "denial",
            _ => "error",
        }));
}
