using System.Collections.Immutable;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Turns the order of an answer's addresses, so that clients that take the first are spread.</summary>
public sealed class LoadBalanceStep(DnsHandler next)
{
    private int _turn;

    public async ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var reply = await next(query, cancel);
        var addresses = reply.Answers.Where(r => r.Type is DnsType.A or DnsType.AAAA).ToList();
        if (addresses.Count < 2) return reply;
        var turn = (int)((uint)Interlocked.Increment(ref _turn) % addresses.Count);
        // Aliases stay before what they lead to.
        return reply with
        {
            Answers =
            [
                .. reply.Answers.Where(r => r.Type is not (DnsType.A or DnsType.AAAA)),
                .. addresses.Skip(turn), .. addresses.Take(turn),
            ],
        };
    }
}
