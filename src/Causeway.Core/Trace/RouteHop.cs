using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>A routing decision: a route to follow, or the end.</summary>
internal sealed record Decision(Trail Trail, Route? Route, Finish? End);

/// <summary>One way out of a route.</summary>
internal sealed record Way(Trail Trail, Route Route, string Device, IpAddress? Via)
{
    /// <summary>Who must be found on the link.</summary>
    public IpAddress NextHop => Via ?? Trail.Packet.Destination;
}

/// <summary>Question: has the host the right route?</summary>
internal static class RouteHop
{
    public static Decision Decide(Trail trail, Flow flow)
    {
        var answer = RouteLookup.Find(trail.Host.State, flow);
        if (answer.Unreadable is { } rule)
            return End(trail.Stop(CauseCode.RuleUnknown, "route",
                "a policy rule that this program does not read may decide", rule, "read the rule by hand"));
        trail = Deviations.OfRoute(trail, flow, answer.Route);
        if (answer.Route is { Unknown: not null } strange)
            return End(trail.Stop(CauseCode.StateUnknown, "route",
                $"the route to {trail.Packet.Destination} has parts that this program does not read", strange,
                "read the route by hand"));
        if (answer.Route is not { } route)
            return End(answer.Rule is null ? NoRoute(trail) : Refused(trail, answer.Rule, answer.Rule.Action));
        switch (route.Kind)
        {
            case RouteKind.Unicast:
                return new(trail.Log("route", Words(trail, route), route), route, null);
            case RouteKind.Local:
                return new(trail, route, null);
            case RouteKind.Blackhole:
                return End(trail.Stop(CauseCode.RouteBlackhole, "route",
                    $"the route to {trail.Packet.Destination} is a blackhole", route, Remove(trail, route)));
            case RouteKind.Unreachable:
                return End(trail.Stop(CauseCode.RouteUnreachable, "route",
                    $"a route says that {trail.Packet.Destination} is unreachable", route, Remove(trail, route)));
            case RouteKind.Prohibit:
                return End(trail.Stop(CauseCode.RouteProhibit, "route",
                    $"a route prohibits {trail.Packet.Destination}", route, Remove(trail, route)));
            default:
                return End(trail.Stop(CauseCode.StateUnknown, "route",
                    $"routes of kind {route.Kind} are not followed", route, "read the route by hand"));
        }
    }

    /// <summary>The ways out with their shares of the traffic.</summary>
    public static IEnumerable<Way> Ways(Decision decision)
    {
        var route = decision.Route!;
        var ways = RouteLookup.WaysOut(route);
        var total = ways.Sum(w => w.Weight);
        foreach (var way in ways)
        {
            var trail = ways.Length == 1 ? decision.Trail : decision.Trail.Log("route",
                $"takes this way for {way.Weight} of {total} flows", $"{way.Via} dev {way.Device}") with
            {
                Probability = decision.Trail.Probability * way.Weight / total,
            };
            yield return new(trail, route, way.Device ?? "", way.Via);
        }
    }

    private static string Words(Trail trail, Route route)
    {
        if (route.NextHops.Length > 0) return $"routes to {trail.Packet.Destination} over several next hops";
        return route.Via is { } via
            ? $"routes to {trail.Packet.Destination} via {via} on {route.Device}"
            : $"routes to {trail.Packet.Destination} directly on {route.Device}";
    }

    private static Finish NoRoute(Trail trail) => trail.Stop(CauseCode.NoRoute, "route",
        $"no route to {trail.Packet.Destination}", "",
        "add a route, or see why the network's agent did not");

    private static Finish Refused(Trail trail, Rule rule, RuleAction action) => trail.Stop(
        action switch
        {
            RuleAction.Blackhole => CauseCode.RouteBlackhole,
            RuleAction.Prohibit => CauseCode.RouteProhibit,
            _ => CauseCode.RouteUnreachable,
        },
        "route", $"a policy rule refuses {trail.Packet.Destination}", rule, "remove the rule");

    private static string Remove(Trail trail, Route route) =>
        Fix.Here(trail.Host, "see who wrote the route, and remove it: ip route del " + DataplaneText.Print(route));

    private static Decision End(Finish finish) => new(finish.Trail, null, finish);
}
