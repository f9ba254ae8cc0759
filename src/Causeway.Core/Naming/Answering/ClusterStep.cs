using System.Collections.Immutable;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Answers for the cluster's names and its addresses' names; asks the next handler for others.</summary>
/// <param name="synced">Whether the names are all known: before, nobody is told that one does not exist.</param>
/// <param name="whole">The server's whole chain, which is asked for what an alias points to.</param>
public sealed class ClusterStep(
    ImmutableArray<IZone> zones, Fallthrough fallthrough, Func<bool> synced, DnsHandler whole, DnsHandler next)
{
    private readonly ImmutableArray<IZone> _longestFirst = [.. zones.OrderByDescending(z => z.Apex.LabelCount)];

    public async ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var question = query.Question;
        if (question.Class != DnsClass.IN || Find(question.Name) is not { } zone) return await next(query, cancel);
        if (!synced()) return query.Message.Reply(DnsRcode.SERVFAIL);
        // A copy of the zone is for who may have one: a step before this one knows.
        if (question.Type is DnsType.AXFR or DnsType.IXFR) return query.Message.Reply(DnsRcode.REFUSED);
        var found = zone.Answer(question);
        if (found.Rcode == DnsRcode.NXDOMAIN && fallthrough.Covers(question.Name)) return await next(query, cancel);
        return await Aliases.FollowAsync(query, found.Reply(query.Message, zone.Soa), whole, cancel);
    }

    private IZone? Find(DnsName name)
    {
        foreach (var zone in _longestFirst)
            if (name.IsWithin(zone.Apex)) return zone;
        return null;
    }
}
