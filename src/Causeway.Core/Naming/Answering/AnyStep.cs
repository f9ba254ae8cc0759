using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Answers the question for records of any type with one small record (RFC 8482 section 4.2).</summary>
public sealed class AnyStep(DnsHandler next)
{
    private const uint Ttl = 8482;

    private static readonly DnsData Obsolete = DnsData.Text("ANY obsoleted", "See RFC 8482");

    public ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        if (query.Question.Type != DnsType.ANY) return next(query, cancel);
        return ValueTask.FromResult(query.Message.Reply(DnsRcode.NOERROR) with
        {
            Answers = [new(query.Question.Name, DnsType.HINFO, Ttl, Obsolete)],
        });
    }
}
