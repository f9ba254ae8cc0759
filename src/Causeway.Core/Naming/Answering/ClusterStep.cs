using System.Collections.Immutable;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Answers for the cluster's names and its addresses' names; asks the next handler for others.</summary>
/// <param name="synced">Whether the names are all known: before, nobody is told that one does not exist.</param>
/// <param name="whole">The server's whole chain, which is asked for what an alias points to.</param>
public sealed class ClusterStep(
    ImmutableArray<IZone> zones, Fallthrough fallthrough, Func<bool> synced, Func<DnsHandler> whole, DnsHandler next)
{
    private const int LongestChain = 8;

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
        var reply = found.Reply(query.Message, zone.Soa);
        return reply.Answers is [{ Type: DnsType.CNAME }] && question.Type != DnsType.CNAME
            ? await Follow(query, reply, cancel)
            : reply;
    }

    private IZone? Find(DnsName name)
    {
        foreach (var zone in _longestFirst)
            if (name.IsWithin(zone.Apex)) return zone;
        return null;
    }

    /// <summary>Adds what the alias's target has (RFC 1034 section 4.3.2); what cannot be known is left to the
    /// client.</summary>
    private async ValueTask<DnsMessage> Follow(DnsQuery query, DnsMessage reply, CancellationToken cancel)
    {
        var answers = reply.Answers;
        HashSet<DnsName> seen = [query.Question.Name];
        for (var target = answers[0].Data.NameAt(0); seen.Add(target) && seen.Count <= LongestChain;)
        {
            // Within the zone one alias may lead to another; asked here, so that no loop goes through the chain.
            DnsQuestion question = new(target, query.Question.Type);
            if (Find(target)?.Answer(question).Answers is { Length: > 0 } own)
            {
                answers = answers.AddRange(own);
                if (own is not [{ Type: DnsType.CNAME } alias]) break;
                target = alias.Data.NameAt(0);
                continue;
            }
            var more = await whole()(query.Asking(question), cancel);
            answers = answers.AddRange(more.Answers);
            break;
        }
        return reply with { Answers = answers };
    }
}
