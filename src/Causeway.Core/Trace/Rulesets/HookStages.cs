using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>A base chain at a hook.</summary>
/// <param name="Reroutes">A host's own packet is routed again when the chain changed its mark.</param>
internal sealed record HookChain(
    int Priority, string Order, string Name, bool IsNat, bool Reroutes, Func<HookContext, IRuleTable> Rules);

internal enum StageKind
{
    /// <summary>Connection tracking looks at the packet.</summary>
    Track,
    Rules,

    /// <summary>Address translation, by all its chains until one decides.</summary>
    Nat,
}

/// <summary>One stop within a hook.</summary>
internal sealed record HookStage(StageKind Kind, int Priority, IReadOnlyList<HookChain> Chains);

/// <summary>
/// What a packet passes at a hook, in netfilter's order (enum nf_ip_hook_priorities): chains of nftables and of iptables
/// side by side. All translation happens at one place, whatever the priority of its chains, which order among themselves.
/// </summary>
internal static class HookStages
{
    private const int ConnectionTracking = -200;
    private const int DestinationNat = -100;
    private const int SourceNat = 100;

    private static readonly (string Table, int Priority, string[] Hooks)[] Iptables =
    [
        ("raw", -300, ["prerouting", "output"]),
        ("mangle", -150, ["prerouting", "input", "forward", "output", "postrouting"]),
        ("nat", DestinationNat, ["prerouting", "output"]),
        ("nat", SourceNat, ["input", "postrouting"]),
        ("filter", 0, ["input", "forward", "output"]),
        ("security", 50, ["input", "forward", "output"]),
    ];

    public static IReadOnlyList<HookStage> At(Host host, IpFamily family, string hook)
    {
        var chains = NftChains(host, family, hook).Concat(IptablesChains(host, family, hook))
            .OrderBy(c => c.Priority).ThenBy(c => c.Order, StringComparer.Ordinal).ToList();
        var nat = hook is "prerouting" or "output" ? DestinationNat : SourceNat;
        List<HookStage> stages = [.. chains.Where(c => !c.IsNat).Select(c => new HookStage(StageKind.Rules, c.Priority, [c]))];
        if (hook is "prerouting" or "output") stages.Add(new(StageKind.Track, ConnectionTracking, []));
        if (hook != "forward") stages.Add(new(StageKind.Nat, nat, [.. chains.Where(c => c.IsNat)]));
        return [.. stages.OrderBy(s => s.Priority).ThenBy(s => s.Kind)];
    }

    private static IEnumerable<HookChain> NftChains(Host host, IpFamily family, string hook)
    {
        var own = family.Word;
        return
            from table in host.State.All<NftTable>()
            where table.Family == "inet" || table.Family == own
            from chain in table.Chains
            where chain.Hook?.Hook == hook && !IsIptables(host, table, chain)
            select new HookChain(chain.Hook!.Priority, $"nft {table.Name} {chain.Name}", chain.Name,
                chain.Hook.Type == "nat", chain.Hook.Type == "route", at => new NftRules(table, at));
    }

    private static IEnumerable<HookChain> IptablesChains(Host host, IpFamily family, string hook)
    {
        var name = hook.ToUpperInvariant();
        return
            from table in host.State.All<IptablesTable>()
            where table.Family == family
            from place in Iptables
            where place.Table == table.Name && place.Hooks.Contains(hook)
            where table.Chains.Any(c => c.Name == name && (!c.IsEmpty || c.Policy == "DROP"))
            select new HookChain(place.Priority, table.Tool, name, table.Name == "nat", table.Name == "mangle",
                at => new IptablesRules(table, at));
    }

    // What iptables-nft wrote is read as iptables, since nft shows its matches by name alone. Others may have added base
    // chains to its tables.
    private static bool IsIptables(Host host, NftTable table, NftChain chain) => table.Family is "ip" or "ip6"
        && host.State.All<IptablesTable>().Any(t => t.Backend == IptablesBackend.Nft && t.Name == table.Name
            && t.Family.Word == table.Family && t.Chains.Any(c => c.Name == chain.Name));
}
