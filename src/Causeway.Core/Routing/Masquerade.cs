using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Routing;

/// <summary>
/// Packets from a pool with <c>natOutgoing</c> to an address outside every pool leave with the node's address,
/// since nothing out there knows the way back to a pod.
/// </summary>
internal static class Masquerade
{
    /// <summary>The one table for both families; null when no pool asks for it.</summary>
    public static NftTable? Table(PoolIndex pools)
    {
        if (!pools.All.Any(p => p.Pool.Spec.NatOutgoing)) return null;
        var rules = ImmutableArray.CreateBuilder<NftRule>();
        var sets = ImmutableArray.CreateBuilder<NftSet>();
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            var masqueraded = pools.All.Where(p => p.Cidr.Family == family && p.Pool.Spec.NatOutgoing).ToList();
            if (masqueraded.Count == 0) continue;
            var number = family == IpFamily.V4 ? "4" : "6";
            var word = family.Word;
            sets.Add(Set("masquerade" + number, family, [.. masqueraded.Select(p => p.Cidr)]));
            sets.Add(Set("pools" + number, family, [.. pools.All.Select(p => p.Cidr).Where(c => c.Family == family)]));
            rules.Add(new NftRule(
                [
                    new NftMatch(word + " saddr", "==", "@masquerade" + number),
                    new NftMatch(word + " daddr", "!=", "@pools" + number),
                    new NftMasquerade(),
                ],
                Comment("IPPool spec.natOutgoing: " + string.Join(", ", masqueraded.Select(p => p.Pool.Metadata.Name)))));
        }
        return new NftTable
        {
            Family = "inet",
            Name = Ownership.NftTableName,
            Sets = sets.ToImmutable(),
            Chains = [new NftChain("postrouting", new NftHook("nat", "postrouting", 100, "accept"), rules.ToImmutable())],
            Origin = pools.All.Where(p => p.Pool.Spec.NatOutgoing)
                .Select(p => new Origin("IPPool", p.Pool.Metadata.Name, Field: "spec.natOutgoing")).First(),
        };
    }

    // Names are of ASCII.
    private static string Comment(string text) => text.Length <= NftRule.LongestComment
        ? text : text[..(NftRule.LongestComment - 3)] + "...";

    private static NftSet Set(string name, IpFamily family, IReadOnlyCollection<Prefix> prefixes) => new(
        name, family == IpFamily.V4 ? "ipv4_addr" : "ipv6_addr", Interval: true,
        // The kernel refuses a set whose intervals overlap.
        [
            .. prefixes.Where(p => !prefixes.Any(o => o != p && o.Contains(p))).Distinct().Order()
                .Select(p => p.IsHost ? p.Address.ToString() : p.ToString()),
        ]);
}
