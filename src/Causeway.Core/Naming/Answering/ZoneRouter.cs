using System.Collections.Immutable;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Gives a query to the handler of the longest zone that its name is in; REFUSED where there is none.</summary>
public sealed class ZoneRouter(ImmutableArray<(DnsName Zone, DnsHandler Handler)> zones)
{
    private readonly ImmutableArray<(DnsName Zone, DnsHandler Handler)> _longestFirst =
        [.. zones.OrderByDescending(z => z.Zone.LabelCount)];

    public ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        foreach (var (zone, handler) in _longestFirst)
            if (query.Question.Name.IsWithin(zone)) return handler(query, cancel);
        return ValueTask.FromResult(query.Message.Reply(DnsRcode.REFUSED));
    }
}
