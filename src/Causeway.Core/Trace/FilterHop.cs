using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Trace;

/// <summary>What a hook did to a packet.</summary>
internal readonly record struct FilterStep(Trail Trail, Finish? End);

/// <summary>
/// Question at every hook: which rule lets it pass, stops it or changes it? Base chains of nftables run in order
/// of priority; address translation looks at a flow's first packet alone.
/// </summary>
internal static class FilterHop
{
    /// <param name="hook"><c>prerouting</c>, <c>input</c>, <c>forward</c>, <c>output</c> or <c>postrouting</c>.</param>
    public static FilterStep Pass(
        Trail trail, string hook, string? input, string? output, IpAddress? nextHop = null)
    {
        if (Unreadable(trail, input, output) is { } unreadable) return End(unreadable);
        foreach (var (table, chain) in ChainsAt(trail, hook))
        {
            if (chain.Hook!.Type == "nat" && trail.Answered is not null) continue;
            var outcome = new NftWalk(table, new(trail.Packet, input, output, State(trail))).Run(chain);
            var step = Apply(trail, hook, output, nextHop, outcome);
            if (step.End is not null) return step;
            trail = step.Trail;
        }
        return new(trail, null);
    }

    /// <summary>Rules of another kind, or filters on a device that the packet passes, may decide otherwise.</summary>
    public static Finish? Unreadable(Trail trail, params ReadOnlySpan<string?> devices)
    {
        foreach (var unknown in trail.Host.State.All<UnknownState>().OrderBy(u => u.Name, StringComparer.Ordinal))
        {
            if (!Concerns(unknown, trail.Packet.Family, devices)) continue;
            return trail.Stop(CauseCode.StateUnknown, "filter",
                "something decides over packets here that this program does not read", unknown, "look at it by hand");
        }
        return null;
    }

    private static bool Concerns(UnknownState unknown, IpFamily family, ReadOnlySpan<string?> devices)
    {
        if (unknown.Name.Split(' ') is ["xdp" or "tc", var device]) return devices.Contains(device);
        return unknown.Name != (family == IpFamily.V4 ? "ip6tables-legacy" : "iptables-legacy");
    }

    private static IEnumerable<(NftTable, NftChain)> ChainsAt(Trail trail, string hook)
    {
        var own = trail.Packet.Family == IpFamily.V4 ? "ip" : "ip6";
        return
            from table in trail.Host.State.All<NftTable>()
            where table.Family == "inet" || table.Family == own
            from chain in table.Chains
            where chain.Hook?.Hook == hook
            orderby chain.Hook!.Priority, table.Name, chain.Name
            select (table, chain);
    }

    private static FilterStep Apply(Trail trail, string hook, string? output, IpAddress? nextHop, NftOutcome outcome)
    {
        switch (outcome.Kind)
        {
            case NftOutcomeKind.Drop:
                return End(trail.Stop(CauseCode.RuleDrop, "filter", $"a rule at {hook} drops the packet",
                    outcome.Quote, Fix.Here(trail.Host, "change the rule, or the policy behind it")));
            case NftOutcomeKind.Reject:
                return End(trail.Stop(CauseCode.RuleReject, "filter", $"a rule at {hook} rejects the packet",
                    outcome.Quote, Fix.Here(trail.Host, "change the rule, or the policy behind it")));
            case NftOutcomeKind.Unknown:
                return End(trail.Stop(CauseCode.RuleUnknown, "filter",
                    $"a rule at {hook} that this program does not read may decide", outcome.Quote,
                    "read the rule by hand"));
            case NftOutcomeKind.Masquerade:
                return Masquerade(trail, output!, nextHop, outcome.Quote);
            default:
                return new(outcome.Quote.Length == 0
                    ? trail
                    : trail.Log("filter", $"a rule at {hook} accepts the packet", outcome.Quote), null);
        }
    }

    private static FilterStep Masquerade(Trail trail, string output, IpAddress? nextHop, string quote)
    {
        var packet = trail.Packet;
        var any = new Route { Destination = Prefix.Default(packet.Family) };
        if (SourceAddress.Choose(trail.Host, any, output, nextHop ?? packet.Destination) is not { } source)
            return End(trail.Stop(CauseCode.NoSourceAddress, "filter",
                $"a rule masquerades, but {output} has no address to use", quote, $"give {output} an address"));
        return new(trail.Log("filter", $"masquerades: source {packet.Source} becomes {source}", quote) with
        {
            Packet = packet with { Source = source },
        }, null);
    }

    private static string State(Trail trail) => trail switch
    {
        { Answered: not null } => "established",
        { Answers.Count: > 0, Packet: { Inner: null, Protocol: not TransportProtocol.Udp } } => "invalid",
        _ => "new",
    };

    private static FilterStep End(Finish finish) => new(finish.Trail, finish);
}
