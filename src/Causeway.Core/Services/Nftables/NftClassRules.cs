using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Nftables;

/// <summary>The bodies of class chains.</summary>
internal static class NftClassRules
{
    private const string Mark = "meta mark set meta mark | 0x00004000";

    /// <param name="podsKnown">Whether the scope has ranges of this family.</param>
    public static IReadOnlyList<string> Of(NftClass item, IpFamily family, bool podsKnown)
    {
        var ip = NftSets.Word(family);
        List<string> rules = [];
        if (item.Source == NftSource.Masquerade) rules.Add(Mark);
        if (item.Source == NftSource.OffCluster && podsKnown) rules.Add($"{ip} saddr != @cluster-cidrs {Mark}");
        if (item.Source == NftSource.Local)
        {
            var needs = item.Needs().ToArray();
            if (podsKnown) rules.Add($"{ip} saddr @cluster-cidrs goto {needs[0].Chain}");
            rules.Add($"fib saddr type local goto {needs[1].Chain}");
        }
        var local = item.Source == NftSource.Local;
        var count = local ? item.LocalEndpoints : item.Endpoints;
        if (count == 0) return rules;
        if (item.AffinitySeconds == 0)
        {
            rules.Add(Translate(item.NodePort, local, $"random mod {Number(count)}", family));
            return rules;
        }
        var slots = item.Slots().ToArray();
        rules.AddRange(slots.Select(s => $"{Client(ip)} @{s.Set} goto {s.Chain}"));
        var choices = string.Join(", ", slots.Select(s => $"{Number(s.Index)} : goto {s.Chain}"));
        rules.Add($"numgen random mod {Number(count)} vmap {{ {choices} }}");
        return rules;
    }

    public static IReadOnlyList<string> Of(NftSlot slot, IpFamily family) =>
    [
        $"update @{slot.Set} {{ {Client(NftSets.Word(family))} timeout {Number(slot.Seconds)}s }}",
        // A number that is always the same: a constant cannot stand in the key of a lookup.
        Translate(slot.NodePort, slot.Local, $"inc mod 1 offset {Number(slot.Index)}", family),
    ];

    private static string Client(string ip) => $"{ip} saddr . {ip} daddr . meta l4proto . th dport";

    private static string Translate(bool nodePort, bool local, string number, IpFamily family)
    {
        var ip = NftSets.Word(family);
        var map = (nodePort, local) switch
        {
            (false, false) => NftSets.Endpoints,
            (false, true) => NftSets.LocalEndpoints,
            (true, false) => NftSets.NodePortEndpoints,
            (true, true) => NftSets.LocalNodePortEndpoints,
        };
        var key = nodePort ? "meta l4proto . th dport" : $"{ip} daddr . meta l4proto . th dport";
        return $"dnat {ip} to {key} . numgen {number} map @{map.Name}";
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
