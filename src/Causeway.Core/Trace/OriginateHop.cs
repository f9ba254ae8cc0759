using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>A packet that the host itself makes: route, source address, output and postrouting hooks, transmit.</summary>
internal static class OriginateHop
{
    /// <param name="output">A device that the packet is bound to, or null.</param>
    public static IEnumerable<Finish> Send(Trail trail, string? output = null)
    {
        var packet = trail.Packet;
        var flow = new Flow(packet.Destination, packet.Source.IsUnspecified ? null : packet.Source, Flow.Local,
            output, packet.Mark);
        var decision = RouteHop.Decide(trail, flow);
        if (decision.End is { } end) return [end];
        return decision.Route!.Kind == RouteKind.Local
            ? ToItself(decision.Trail, decision.Route)
            : RouteHop.Ways(decision).SelectMany(Leave);
    }

    /// <summary>A packet whose destination was changed on this host: routed anew, then as the host's own.</summary>
    public static IEnumerable<Finish> Onward(Trail trail)
    {
        var decision = Decide(trail);
        if (decision.End is { } end) return [end];
        return decision.Route!.Kind == RouteKind.Local
            ? DeliverHop.Deliver(decision.Trail, Flow.Local, decision.Route)
            : RouteHop.Ways(decision).SelectMany(Output);
    }

    private static IEnumerable<Finish> Leave(Way way)
    {
        var trail = way.Trail;
        if (trail.Packet.Source.IsUnspecified)
        {
            if (SourceAddress.Choose(trail.Host, way.Route, way.Device, way.NextHop) is not { } source)
                return [trail.Stop(CauseCode.NoSourceAddress, "address",
                    $"no {trail.Packet.Family.SysctlName} address to send from", way.Route,
                    "give the host an address of this family")];
            trail = trail.Log("address", $"sends from {source}", trail.Host.Owning(source)) with
            {
                Packet = trail.Packet with { Source = source },
            };
        }
        return Output(way with { Trail = trail });
    }

    private static IEnumerable<Finish> Output(Way way) =>
        FilterHop.Pass(way.Trail, "output", null, way.Device, null, passed => IsElsewhere(way.Trail, passed)
            ? Reroute(passed)
            : TransmitHop.AfterRouting(way with { Trail = passed }, null));

    private static IEnumerable<Finish> ToItself(Trail trail, Route route)
    {
        trail = trail.Log("route", $"{trail.Packet.Destination} is the host's own address", route);
        if (trail.Packet.Source.IsUnspecified)
            trail = trail with { Packet = trail.Packet with { Source = trail.Packet.Destination } };
        return FilterHop.Pass(trail, "output", null, Flow.Local, null, passed => IsElsewhere(trail, passed)
            ? Reroute(passed)
            : IpvsHop.Take(passed) ?? Loopback(passed, route));
    }

    // A rule changed what routing looks at (ip_route_me_harder): the source stays.
    private static bool IsElsewhere(Trail before, Trail after) =>
        before.Packet.Destination != after.Packet.Destination || after.Reroutes;

    private static IEnumerable<Finish> Reroute(Trail trail)
    {
        trail = trail with { Reroutes = false };
        var decision = Decide(trail);
        if (decision.End is { } end) return [end];
        return decision.Route!.Kind == RouteKind.Local
            ? Loopback(decision.Trail, decision.Route)
            : RouteHop.Ways(decision).SelectMany(way => TransmitHop.AfterRouting(way, null));
    }

    private static Decision Decide(Trail trail) => RouteHop.Decide(trail, new(
        trail.Packet.Destination, trail.Packet.Source, Flow.Local, null, trail.Packet.Mark));

    // Over lo a packet leaves and comes in again, and its connection with it.
    private static IEnumerable<Finish> Loopback(Trail trail, Route route) =>
        FilterHop.Pass(trail, "postrouting", null, Flow.Local, trail.Packet.Destination, left =>
            FilterHop.Pass(left, "prerouting", Flow.Local, null, null, back =>
                DeliverHop.Deliver(back, Flow.Local, route)));
}
