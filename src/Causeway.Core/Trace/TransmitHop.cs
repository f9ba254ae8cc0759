using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>Question: does it leave on the wire? Postrouting, the device, the neighbour, the wire.</summary>
internal static class TransmitHop
{
    /// <param name="input">The device it came in on; null for the host's own packets.</param>
    public static IEnumerable<Finish> AfterRouting(Way way, string? input) =>
        FilterHop.Pass(Deviations.OfRules(way.Trail), "postrouting", input, way.Device, way.NextHop,
            passed => Transmit(way with { Trail = passed.Connect() }));

    private static IEnumerable<Finish> Transmit(Way way)
    {
        var trail = way.Trail;
        if (DeviceHop.NotUsable(trail, way.Device) is { } unusable) return [unusable];
        var link = trail.Host.State.Link(way.Device)!;
        if (link.Mtu is { } mtu) trail = trail.Limit(link.Name, mtu, link.ToString(), leaving: true);
        if (way.Route.Mtu is { } routeMtu)
            trail = trail.Limit(link.Name, routeMtu, way.Route.ToString(), leaving: true);
        way = way with { Trail = trail };
        return link.Kind == "vxlan" ? EncapsulateHop.Wrap(way, link) : NeighbourHop.Resolve(way, link);
    }
}
