using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Services.Nftables;

/// <summary>The chains of classes as records, as the kernel lists what <see cref="NftClassCodec"/> writes.</summary>
internal static class NftClassRules
{
    public static IEnumerable<NftChain> Of(IpFamily family, IEnumerable<NftClass> classes, bool podsKnown)
    {
        var (all, slots) = NftClass.Closure(classes);
        foreach (var slot in slots) yield return new(slot.Chain, null, [.. Rules(family, slot)]);
        foreach (var item in all) yield return new(item.Chain, null, [.. Rules(family, item, podsKnown)]);
    }

    /// <summary>What packets are looked up by, in all maps of one kind.</summary>
    public static string Key(IpFamily family, bool nodePort) =>
        nodePort ? "meta l4proto . th dport" : $"{family.Word} daddr . meta l4proto . th dport";

    private static IEnumerable<NftRule> Rules(IpFamily family, NftClass item, bool podsKnown)
    {
        var ip = family.Word;
        NftMatch Inside(string comparison) => new($"{ip} saddr", comparison, $"@{NftSets.ClusterCidrs}");
        NftAssign mark = new("meta mark", "meta mark | 0x4000");
        if (item.Source == NftSource.Masquerade) yield return new([mark]);
        if (item.Source == NftSource.OffCluster && podsKnown) yield return new([Inside("!="), mark]);
        var local = item.Source == NftSource.Local;
        if (local)
        {
            var needs = item.Needs().ToArray();
            if (podsKnown) yield return new([Inside("=="), new NftVerdict("goto", needs[0].Chain)]);
            yield return new([new NftMatch("fib saddr type", "==", "local"), new NftVerdict("goto", needs[1].Chain)]);
        }
        var count = local ? item.LocalEndpoints : item.Endpoints;
        if (count == 0) yield break;
        if (item.AffinitySeconds == 0)
        {
            yield return Translate(family, item.NodePort, local, $"numgen random mod {Number(count)}");
            yield break;
        }
        var slots = item.Slots().ToArray();
        foreach (var slot in slots)
            yield return new([new NftMatch(Client(ip), "==", $"@{slot.Set}"), new NftVerdict("goto", slot.Chain)]);
        for (var i = 0; i < count; i++)
        {
            yield return new(
                [new NftMatch($"numgen random mod {Number(count - i)}", "==", "0"), new NftVerdict("goto", slots[i].Chain)]);
        }
    }

    private static IEnumerable<NftRule> Rules(IpFamily family, NftSlot slot) =>
    [
        new([new NftUpdate("update", slot.Set, $"{Client(family.Word)} timeout {Number(slot.Seconds)}s")]),
        Translate(family, slot.NodePort, slot.Local,
            "numgen inc mod 1" + (slot.Index == 0 ? "" : $" offset {Number(slot.Index)}")),
    ];

    private static string Client(string ip) => $"{ip} saddr . {ip} daddr . meta l4proto . th dport";

    private static NftRule Translate(IpFamily family, bool nodePort, bool local, string number)
    {
        var map = NftSets.EndpointsOf(nodePort, local);
        return new(
        [
            new NftNat("dnat", new NftValue($"{Key(family, nodePort)} . {number}", NftMapRef.Named(map.Name)))
            {
                Family = family.Word,
            },
        ]);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
