using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>What routing looks at.</summary>
/// <param name="Source">Null while the kernel has not chosen one yet.</param>
/// <param name="Input">The device it came in on; <c>lo</c> for the host's own packets.</param>
/// <param name="Output">A device it must leave by, or null.</param>
internal readonly record struct Flow(
    IpAddress Destination, IpAddress? Source, string Input, string? Output = null, uint Mark = 0)
{
    public const string Local = "lo";
}

/// <summary>What a lookup found: a route, or a rule that answers without one, or neither.</summary>
/// <param name="Unreadable">A rule that may decide otherwise and that the model cannot read.</param>
internal sealed record RouteAnswer(Route? Route, Rule? Rule, Rule? Unreadable = null);

/// <summary>
/// Linux policy routing: rules by priority, then the longest prefix in the rule's table, then the lowest metric
/// (ip-rule(8), ip-route(8)).
/// </summary>
internal static class RouteLookup
{
    public static RouteAnswer Find(DataplaneState state, Flow flow)
    {
        var rules = RulesOf(state, flow.Destination.Family);
        uint from = 0;
        foreach (var rule in rules)
        {
            if (rule.Priority < from || !Matches(rule, flow)) continue;
            switch (rule.Action)
            {
                case RuleAction.Lookup:
                    var route = InTable(state, rule.Table, flow);
                    if (route is null or { Kind: RouteKind.Throw }) continue;
                    return rule.Unknown is null ? new(route, rule) : new(null, null, rule);
                case RuleAction.Goto:
                    from = rule.Table;
                    continue;
                case RuleAction.Nop:
                    continue;
                default:
                    return rule.Unknown is null ? new(null, rule) : new(null, null, rule);
            }
        }
        return new(null, null);
    }

    /// <summary>The longest prefix of one table, and of equals the lowest metric; null when none holds the address.</summary>
    public static Route? InTable(DataplaneState state, uint table, Flow flow) => state.All<Route>()
        .Where(r => r.Table == table && r.Destination.Contains(flow.Destination) && Usable(state, r, flow))
        .OrderByDescending(r => r.Destination.Length).ThenBy(r => r.Metric)
        .ThenBy(r => r.Device, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>The ways out of a route with their shares; one for ordinary routes.</summary>
    public static ImmutableArray<NextHop> WaysOut(Route route)
    {
        if (route.NextHops.IsEmpty) return [new(route.Device, route.Via, route.Onlink, 1)];
        var alive = route.NextHops.Where(h => !h.Down).ToImmutableArray();
        return alive.IsEmpty ? route.NextHops : alive;
    }

    private static bool Usable(DataplaneState state, Route route, Flow flow)
    {
        if (flow.Output is { } output && route.Kind == RouteKind.Unicast
            && !WaysOut(route).Any(h => h.Device == output)) return false;
        if (!route.Down) return true;
        // Without a carrier a route still wins and the packet dies at the device, unless this setting says otherwise.
        return route.Device is { } device && (state.Link(device)?.Up ?? false)
            && state.Sysctl($"net/{flow.Destination.Family.SysctlName}/conf/{device}/ignore_routes_with_linkdown")
                is null or "0";
    }

    private static IEnumerable<Rule> RulesOf(DataplaneState state, IpFamily family)
    {
        var rules = state.All<Rule>().Where(r => r.Family == family).OrderBy(r => r.Priority)
            .ThenBy(r => r.Key.Name, StringComparer.Ordinal).ToList();
        return rules.Count > 0 ? rules : KernelImplied.Rules(family);
    }

    private static bool Matches(Rule rule, Flow flow)
    {
        var selected = (rule.From is not { Length: > 0 } from || (flow.Source is { } source && from.Contains(source)))
            && (rule.To is not { Length: > 0 } to || to.Contains(flow.Destination))
            && (flow.Mark & rule.MarkMask) == (rule.Mark & rule.MarkMask)
            && (rule.InputDevice is null || rule.InputDevice == flow.Input)
            && (rule.OutputDevice is null || rule.OutputDevice == flow.Output);
        return selected != rule.Invert;
    }
}
