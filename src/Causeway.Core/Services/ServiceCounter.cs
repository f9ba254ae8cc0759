using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Services.Nftables;

namespace Causeway.Core.Services;

/// <summary>How often a place where a service's packets are caught was met. A place that translates counts
/// connections, by their first packet: the kernel asks it for no other.</summary>
/// <param name="Service"><c>ns/name:port</c>.</param>
/// <param name="Destination"><c>10.96.0.1 . tcp . 80</c>, <c>tcp . 30080</c>, or what the rule's comment says.</param>
/// <param name="Chain">Where it leads: a chain, or what becomes of the packet.</param>
public sealed record ServiceCounter(string Service, string Destination, string Chain, ulong Packets, ulong Bytes)
{
    /// <summary>All of a node, whoever's proxy it is: elements of Causeway's tables, and rules of iptables in chains
    /// named KUBE-* that lead to a service's chain, to an endpoint's, or refuse. Sorted.</summary>
    public static IReadOnlyList<ServiceCounter> Of(DataplaneState state) =>
    [
        .. state.All<NftTable>().Where(t => t.Name == NftSets.Table).SelectMany(Of)
            .Concat(state.All<IptablesTable>().SelectMany(Of))
            .GroupBy(c => (c.Service, c.Destination, c.Chain))
            .Select(g => g.First() with
            {
                Packets = g.Aggregate(0UL, (sum, c) => sum + c.Packets), Bytes = g.Aggregate(0UL, (sum, c) => sum + c.Bytes),
            })
            .OrderBy(c => c.Service, StringComparer.Ordinal).ThenBy(c => c.Destination, StringComparer.Ordinal)
            .ThenBy(c => c.Chain, StringComparer.Ordinal),
    ];

    private static IEnumerable<ServiceCounter> Of(NftTable table) =>
        from set in table.Sets.Where(s => s.Counter)
        from element in set.Elements
        select new ServiceCounter(
            element.Comment ?? "", element.Key, NftVerdict.Parse(element.Data ?? "").Chain ?? "",
            element.Counter?.Packets ?? 0, element.Counter?.Bytes ?? 0);

    private static IEnumerable<ServiceCounter> Of(IptablesTable table) =>
        from chain in table.Chains.Where(c => c.Name.StartsWith("KUBE-", StringComparison.Ordinal))
        from rule in chain.Rules
        let goal = Goal(rule)
        where goal is not null && rule.Comment is { } comment && comment.Contains('/')
        let words = rule.Comment!.Split(' ', 2)
        select new ServiceCounter(words[0], words.Length > 1 ? words[1] : "", goal, rule.Packets, rule.Bytes);

    private static string? Goal(IptablesRule rule) => rule.Target switch
    {
        IptablesJump jump when !jump.Chain.StartsWith("KUBE-MARK", StringComparison.Ordinal) => jump.Chain,
        IptablesReject => "REJECT",
        IptablesVerdict { Verdict: "DROP" } => "DROP",
        _ => null,
    };
}
