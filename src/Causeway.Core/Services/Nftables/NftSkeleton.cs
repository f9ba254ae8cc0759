using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Services.Nftables;

/// <summary>
/// The table without the services: declarations and base chains, as scripts for <c>nft -f</c>. It depends on the
/// scope, not on any single service. The chains of classes go by netlink: <see cref="NftClassCodec"/>.
/// </summary>
public static class NftSkeleton
{
    /// <summary>How many clients a set remembers; when it is full, the next ones choose anew each time.</summary>
    internal const int MostClients = 65535;

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
        Chains(text, table, [.. NftBaseChains.Of(family, scope)]);
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
                $"add set {TableOf(family)} {set} {{ type {address} . {address} . inet_proto . inet_service; size {MostClients}; flags dynamic,timeout; }}\n");
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

    internal static string TableOf(IpFamily family) => $"{family.Word} {NftSets.Table}";

    private static void Chains(StringBuilder text, string table, IReadOnlyList<NftChain> chains)
    {
        // All chains before any rule: rules go to chains that come later.
        text.Append(CultureInfo.InvariantCulture, $"table {table} {{\n");
        foreach (var chain in chains)
        {
            var hook = chain.Hook is { } at
                ? string.Create(CultureInfo.InvariantCulture, $" type {at.Type} hook {at.Hook} priority {at.Priority};")
                : "";
            text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{{hook} }}\n");
        }
        text.Append("}\n");
        foreach (var chain in chains)
            text.Append(CultureInfo.InvariantCulture, $"flush chain {table} {chain.Name}\n");
        text.Append(CultureInfo.InvariantCulture, $"table {table} {{\n");
        foreach (var chain in chains)
        {
            text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{\n");
            foreach (var rule in chain.Rules) text.Append(Pad).Append(NftText.Print(rule)).Append('\n');
            text.Append("\t}\n");
        }
        text.Append("}\n");
    }
}
