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
        var output = FilterHop.Pass(trail, "output", null, way.Device);
        if (output.End is { } stopped) return [stopped];
        return TransmitHop.AfterRouting(way with { Trail = output.Trail }, null);
    }

    private static IEnumerable<Finish> ToItself(Trail trail, Route route)
    {
        trail = trail.Log("route", $"{trail.Packet.Destination} is the host's own address", route);
        if (trail.Packet.Source.IsUnspecified)
            trail = trail with { Packet = trail.Packet with { Source = trail.Packet.Destination } };
        var output = FilterHop.Pass(trail, "output", null, Flow.Local);
        return output.End is { } stopped ? [stopped] : DeliverHop.Deliver(output.Trail, Flow.Local);
    }
}
