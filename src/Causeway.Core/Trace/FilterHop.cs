using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Trace.Rulesets;

namespace Causeway.Core.Trace;

/// <summary>What came before a decision: the trail, or its end.</summary>
internal readonly record struct FilterStep(Trail Trail, Finish? End);

/// <summary>
/// Question at every hook: which rule lets it pass, stops it or changes it? The chains of every table in netfilter's
/// order; address translation looks at a flow's first packet alone, and is undone for its answers.
/// </summary>
internal static class FilterHop
{
    /// <param name="hook"><c>prerouting</c>, <c>input</c>, <c>forward</c>, <c>output</c> or <c>postrouting</c>.</param>
    /// <param name="next">Where each branch that passes goes on.</param>
    public static IEnumerable<Finish> Pass(
        Trail trail, string hook, string? input, string? output, IpAddress? nextHop, Func<Trail, IEnumerable<Finish>> next)
    {
        if (Unreadable(trail, input, output) is { } unreadable) return [unreadable];
        List<Finish> ended = [];
        List<Trail> live = [trail];
        foreach (var stage in HookStages.At(trail.Host, trail.Packet.Family, hook))
        {
            List<Trail> passed = [];
            foreach (var at in live) Stop(new(at, hook, input, output, nextHop), stage, passed, ended);
            live = passed;
        }
        return ended.Concat(live.SelectMany(next));
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
        return !unknown.Name.StartsWith(family == IpFamily.V4 ? "ip6tables" : "iptables", StringComparison.Ordinal);
    }

    private static void Stop(HookContext at, HookStage stage, List<Trail> passed, List<Finish> ended)
    {
        switch (stage.Kind)
        {
            case StageKind.Track:
                passed.Add(Track(at.Trail));
                break;
            case StageKind.Rules:
                foreach (var end in Run(at, stage.Chains[0])) Apply(at, stage.Chains[0], end, passed, ended);
                break;
            default:
                NatHop.Pass(at, stage.Chains, passed, ended);
                break;
        }
    }

    public static List<RuleEnd> Run(HookContext at, HookChain chain) => new RuleWalk(chain.Rules(at))
        .Run(chain.Name, new(at.Trail.Packet, at.Trail.Track ?? Tracking.Before(at.Trail.Packet), 1));

    /// <summary>What a chain did, on the trail: to those that pass, or to those that ended.</summary>
    public static void Apply(HookContext at, HookChain chain, RuleEnd end, List<Trail> passed, List<Finish> ended)
    {
        var component = chain.IsNat ? "nat" : "filter";
        var before = at.Trail;
        var trail = before with { Probability = before.Probability * end.State.Share };
        var decides = end.Action != StepAction.Accept || end.State.Packet.Destination != before.Packet.Destination
            || end.State.Packet.Source != before.Packet.Source;
        if (decides)
            foreach (var step in end.State.Path) trail = Log(trail, component, step);
        foreach (var note in end.State.Notes) trail = Log(trail, component, note);
        trail = trail with
        {
            Packet = end.State.Packet, Track = end.State.Track,
            Reroutes = trail.Reroutes || (chain.Reroutes && end.State.Packet.Mark != before.Packet.Mark),
        };
        if (Refused(at.Hook, trail, end) is { } refused)
            ended.Add(refused);
        else
            passed.Add(end.Quote.Length == 0 || decides ? trail : trail.Log(component,
                $"a rule at {at.Hook} accepts the packet", end.Quote, RuleOrigin.Of(end.Comment)));
    }

    private static Trail Log(Trail trail, string component, RuleNote note) => trail.Log(component,
        note.Comment is null ? note.Action : $"{note.Action} ({note.Comment})", note.Quote, RuleOrigin.Of(note.Comment));

    private static Finish? Refused(string hook, Trail trail, RuleEnd end)
    {
        var fix = Fix.Here(trail.Host, "change the rule, or the policy behind it");
        var origin = RuleOrigin.Of(end.Comment);
        if (end.Action is StepAction.Drop or StepAction.Reject && RuleOrigin.NoEndpoints(end) is { } says)
            return trail.Stop(CauseCode.NoEndpoints, "filter",
                $"{says}: a rule at {hook} {(end.Action == StepAction.Drop ? "drops" : "rejects")} the packet{Answer(end)}",
                end.Quote, "see why no pod of the service is ready: kubectl get endpointslices, and the pods' probes", origin);
        return end.Action switch
        {
            StepAction.Drop => trail.Stop(CauseCode.RuleDrop, "filter",
                $"a rule at {hook} drops the packet", end.Quote, fix, origin),
            StepAction.Reject => trail.Stop(CauseCode.RuleReject, "filter",
                $"a rule at {hook} rejects the packet{Answer(end)}", end.Quote, fix, origin),
            StepAction.Unknown => trail.Stop(CauseCode.RuleUnknown, "filter",
                $"a rule at {hook} that this program does not read may decide", end.Quote, "read the rule by hand", origin),
            StepAction.NoSource => trail.Stop(CauseCode.NoSourceAddress, "nat",
                "a rule rewrites an address, but the device has none to use", end.Quote, "give the device an address", origin),
            _ => null,
        };
    }

    // What the sender sees of it.
    private static string Answer(RuleEnd end) => end is { Action: StepAction.Reject, Text: { } with }
        ? $" with {with}, which the sender sees as {(with.Contains("reset") || with.Contains("port-unreachable")
            ? "connection refused"
            : with.Contains("prohibited") ? "prohibited or no route" : "unreachable")}"
        : "";

    private static Trail Track(Trail trail)
    {
        if (trail.Track is { Started: true } or { Untracked: true }) return trail;
        var answered = trail.Answered;
        return trail with
        {
            Track = new(trail.Packet, answered) { Started = true, Mark = answered?.Mark ?? 0 },
        };
    }
}
