using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Leaves out of an answer with records what the client did not ask for.</summary>
public sealed class MinimalStep(DnsHandler next)
{
    public async ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var reply = await next(query, cancel);
        return reply is { Rcode: DnsRcode.NOERROR, Answers.IsEmpty: false }
            ? reply with { Authority = [], Additional = [] }
            : reply;
    }
}
