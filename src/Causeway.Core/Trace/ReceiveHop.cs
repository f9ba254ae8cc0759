using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>
/// A packet that comes in on a device: prerouting hooks, translation undone, source validation, routing; then
/// it is delivered here or forwarded.
/// </summary>
internal static class ReceiveHop
{
    public static IEnumerable<Finish> Receive(Trail trail, string device)
    {
        var place = (trail.Host.Name, device, trail.Packet with { Ttl = 0 });
        if (trail.Seen.Contains(place))
            return [trail.Stop(CauseCode.Loop, "route", "the packet has been here before: it goes in a circle", "",
                "see the routes of the hops above")];
        trail = trail with { Seen = trail.Seen.Add(place) };

        return FilterHop.Pass(trail, "prerouting", device, null, null, passed => Routed(passed, device));
    }

    private static IEnumerable<Finish> Routed(Trail trail, string device)
    {
        if (ReversePath.Refuses(trail, device) is { } refused) return [refused];
        var flow = new Flow(trail.Packet.Destination, trail.Packet.Source, device, null, trail.Packet.Mark);
        var decision = RouteHop.Decide(trail, flow);
        if (decision.End is { } end) return [end];
        return decision.Route!.Kind == RouteKind.Local
            ? DeliverHop.Deliver(decision.Trail, device, decision.Route)
            : ForwardHop.Forward(decision, device);
    }
}
