using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Nftables;

/// <summary>
/// The table without the services: declarations and base chains, as scripts for <c>nft -f</c>. It depends on the
/// scope, not on any single service. The chains of classes go by netlink: <see cref="NftClassCodec"/>.
/// </summary>
public static class NftSkeleton
{
    private const string Pad = "\t\t";

    /// <summary>Makes or repairs the table; elements that are there stay.</summary>
    public static string Load(IpFamily family, ServicesScope scope)
    {
        var table = TableOf(family);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"table {table} {{\n");
        foreach (var set in NftSets.All)
            text.Append(CultureInfo.InvariantCulture, $"\t{set.Declaration(family)}\n");
        var address = NftSets.AddressType(family);
        text.Append(
            CultureInfo.InvariantCulture,
            $"\tset {NftSets.ClusterCidrs} {{ type {address}; flags interval; }}\n}}\n");
        text.Append(CultureInfo.InvariantCulture, $"flush set {table} {NftSets.ClusterCidrs}\n");
        var cidrs = PodRanges(family, scope);
        if (cidrs.Length > 0)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"add element {table} {NftSets.ClusterCidrs} {{ {string.Join(", ", cidrs)} }}\n");
        }
        Chains(text, table, [.. BaseChains(family, scope)]);
        return text.ToString();
    }

    /// <summary>Declares the sets of clients that these classes need; empty when they need none.</summary>
    public static string AddSets(IpFamily family, IEnumerable<NftClass> classes)
    {
        StringBuilder text = new();
        var address = NftSets.AddressType(family);
        foreach (var set in NftClass.ClientSets(classes))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"add set {TableOf(family)} {set} {{ type {address} . {address} . inet_proto . inet_service; size 65535; flags dynamic,timeout; }}\n");
        }
        return text.ToString();
    }

    /// <summary>The pools of a family without those inside another: an interval set refuses overlaps.</summary>
    public static Prefix[] PodRanges(IpFamily family, ServicesScope scope) =>
    [
        .. scope.ClusterCidrs.Where(c => c.Family == family
            && !scope.ClusterCidrs.Any(o => o != c && o.Contains(c))),
    ];

    /// <summary>Removes the table, whether it is there or not.</summary>
    public static string Cleanup(IpFamily family) => $"table {TableOf(family)}\ndelete table {TableOf(family)}\n";

    internal static string TableOf(IpFamily family) => $"{NftSets.Word(family)} {NftSets.Table}";

    private static void Chains(StringBuilder text, string table, IReadOnlyList<ChainText> chains)
    {
        // All chains before any rule: rules go to chains that come later.
        text.Append(CultureInfo.InvariantCulture, $"table {table} {{\n");
        foreach (var chain in chains)
            text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{ {chain.Hook} }}\n");
        text.Append("}\n");
        foreach (var chain in chains)
            text.Append(CultureInfo.InvariantCulture, $"flush chain {table} {chain.Name}\n");
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
        // An ICMP error that comes while connect() holds its socket is not heeded until the SYN is sent again, a
        // second later: a reset is.
        yield return new(NftRendering.RejectChain, ["meta l4proto tcp reject with tcp reset", "reject"]);
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

    private sealed record ChainText(string Name, IReadOnlyList<string> Rules)
    {
        public string Hook { get; init; } = "";
    }
}
