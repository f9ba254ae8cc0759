using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Nftables;

/// <summary>
/// The table without the services: declarations, base chains and class chains, as scripts for <c>nft -f</c>. It
/// depends on the classes in use and on the scope, not on any single service.
/// </summary>
public static class NftSkeleton
{
    private const string Pad = "\t\t";

    /// <summary>
    /// Puts the table in place of what is there. Elements belong into the same script (and so the same
    /// transaction): <see cref="NftElementText.Script"/>. A chain cannot be added by text to a table that is there:
    /// nft 1.0.6 takes a rule over a map that it read from the kernel for a conflict of protocols. So load with
    /// the classes that may soon be wanted (<see cref="NftClass.Stock"/>); only others cost a whole load.
    /// </summary>
    public static string Load(IpFamily family, ServicesScope scope, IEnumerable<NftClass> classes)
    {
        var table = TableOf(family);
        StringBuilder text = new(Cleanup(family));
        text.Append(CultureInfo.InvariantCulture, $"table {table} {{\n");
        foreach (var set in NftSets.All)
            text.Append(CultureInfo.InvariantCulture, $"\t{set.Declaration(family)}\n");
        var address = NftSets.AddressType(family);
        text.Append(
            CultureInfo.InvariantCulture, $"\tset cluster-cidrs {{ type {address}; flags interval; }}\n}}\n");
        var cidrs = Outermost(scope, family);
        if (cidrs.Length > 0)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"add element {table} cluster-cidrs {{ {string.Join(", ", cidrs)} }}\n");
        }
        Chains(text, family, scope, [.. BaseChains(family, scope), .. ClassChains(family, scope, classes)]);
        return text.ToString();
    }

    /// <summary>Deletes what only unused classes had; no element may go to their chains any more.</summary>
    public static string Delete(IpFamily family, IEnumerable<NftClass> unused, IEnumerable<NftClass> used)
    {
        var table = TableOf(family);
        var (keptClasses, keptSlots) = Closure(used);
        var (classes, slots) = Closure(unused);
        StringBuilder text = new();
        // Who goes to another goes first.
        foreach (var item in classes.Except(keptClasses).OrderBy(c => c.Source != NftSource.Local).ThenBy(c => c))
            text.Append(CultureInfo.InvariantCulture, $"delete chain {table} {item.Chain}\n");
        foreach (var slot in slots.Except(keptSlots).OrderBy(s => s.Chain, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"delete chain {table} {slot.Chain}\n");
        foreach (var set in slots.Select(s => s.Set).Except(keptSlots.Select(s => s.Set)).Order(StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"delete set {table} {set}\n");
        return text.ToString();
    }

    /// <summary>Removes the table, whether it is there or not.</summary>
    public static string Cleanup(IpFamily family) => $"table {TableOf(family)}\ndelete table {TableOf(family)}\n";

    internal static string TableOf(IpFamily family) => $"{NftSets.Word(family)} {NftSets.Table}";

    private static (HashSet<NftClass> Classes, HashSet<NftSlot> Slots) Closure(IEnumerable<NftClass> classes)
    {
        HashSet<NftClass> all = [.. classes.SelectMany(c => c.Needs().Append(c))];
        return (all, [.. all.SelectMany(c => c.Slots())]);
    }

    private static void Chains(
        StringBuilder text, IpFamily family, ServicesScope scope, IReadOnlyList<ChainText> chains)
    {
        var table = TableOf(family);
        var sets = chains.Select(c => c.Set).OfType<string>().Distinct().ToArray();
        if (chains.Count == 0) return;
        var address = NftSets.AddressType(family);
        text.Append(CultureInfo.InvariantCulture, $"table {table} {{\n");
        foreach (var set in sets)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\tset {set} {{ type {address} . {address} . inet_proto . inet_service; size 65535; flags dynamic,timeout; }}\n");
        }
        // All chains before any rule: rules go to chains that come later.
        foreach (var chain in chains)
            text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{ {chain.Hook} }}\n");
        text.Append("}\n");
        text.Append(CultureInfo.InvariantCulture, $"table {table} {{\n");
        foreach (var chain in chains)
        {
            text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{\n");
            foreach (var rule in chain.Rules) text.Append(Pad).Append(rule).Append('\n');
            text.Append("\t}\n");
        }
        text.Append("}\n");
    }

    private static IEnumerable<ChainText> BaseChains(IpFamily family, ServicesScope scope)
    {
        var ip = NftSets.Word(family);
        var key = $"{ip} daddr . meta l4proto . th dport";
        var loopback = family == IpFamily.V4 ? "127.0.0.0/8" : "::1";
        var places = scope.NodePortAddresses.Where(p => p.Family == family).ToArray();
        var here = places.Length > 0
            ? $"fib daddr type local {ip} daddr {{ {string.Join(", ", places)} }}"
            : $"fib daddr type local {ip} daddr != {loopback}";
        // Only prefixes of the other family: this one answers on none.
        var nodePorts = places.Length > 0 || scope.NodePortAddresses.IsEmpty;

        yield return new("guard",
            [$"ct state new {key} @guarded {key} . {ip} saddr != @source-ranges drop"]);
        yield return new("translate", nodePorts
            ? [$"{key} vmap @service-ips", $"{here} meta l4proto . th dport vmap @service-nodeports"]
            : [$"{key} vmap @service-ips"]);
        yield return new("without-endpoint", nodePorts
            ? [$"{key} vmap @no-endpoints", $"{here} meta l4proto . th dport vmap @no-endpoint-nodeports"]
            : [$"{key} vmap @no-endpoints"]);
        yield return new(NftRendering.RejectChain, ["reject"]);
        yield return new(NftRendering.DropChain, ["drop"]);
        yield return new("masquerading",
        [
            "meta mark & 0x00004000 != 0x00000000 meta mark set meta mark & 0xffffbfff masquerade fully-random",
            $"ct status dnat {ip} saddr . {ip} daddr @hairpins masquerade fully-random",
        ]) { Hook = "type nat hook postrouting priority 100;" };
        foreach (var hook in new[] { "prerouting", "output" })
        {
            yield return new($"guard-{hook}", ["jump guard"]) { Hook = $"type filter hook {hook} priority -110;" };
            yield return new($"nat-{hook}", ["jump translate"]) { Hook = $"type nat hook {hook} priority -100;" };
            // In prerouting and not in forward: without a route to the address the answer must come all the same.
            yield return new($"filter-{hook}", ["ct state new jump without-endpoint"])
            {
                Hook = $"type filter hook {hook} priority 0;",
            };
        }
    }

    private static IEnumerable<ChainText> ClassChains(
        IpFamily family, ServicesScope scope, IEnumerable<NftClass> classes)
    {
        var (all, slots) = Closure(classes);
        foreach (var slot in slots.OrderBy(s => s.Chain, StringComparer.Ordinal))
            yield return new(slot.Chain, NftClassRules.Of(slot, family)) { Set = slot.Set };
        foreach (var item in all.Order())
            yield return new(item.Chain, NftClassRules.Of(item, family, Outermost(scope, family).Length > 0));
    }

    /// <summary>Without those inside another: an interval set refuses overlaps.</summary>
    private static Prefix[] Outermost(ServicesScope scope, IpFamily family) =>
    [
        .. scope.ClusterCidrs.Where(c => c.Family == family
            && !scope.ClusterCidrs.Any(o => o != c && o.Contains(c))),
    ];

    private sealed record ChainText(string Name, IReadOnlyList<string> Rules)
    {
        public string Hook { get; init; } = "";

        public string? Set { get; init; }
    }
}
