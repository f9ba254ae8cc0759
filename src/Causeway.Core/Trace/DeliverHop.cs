using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>A packet for this host: the input hook, then the tunnel it belongs to or the end of the way.</summary>
internal static class DeliverHop
{
    public static IEnumerable<Finish> Deliver(Trail trail, string device, Route? route = null) =>
        FilterHop.Pass(trail, "input", device, null, null, passed => Arrived(passed, device, route));

    private static IEnumerable<Finish> Arrived(Trail trail, string device, Route? route)
    {
        if (device != Flow.Local && IpvsHop.Take(trail) is { } taken) return taken;
        if (trail.Packet.Inner is not null) return DecapsulateHop.Open(trail);
        var owner = trail.Host.Owning(trail.Packet.Destination);
        if (owner is { Usable: false })
            return [trail.Stop(CauseCode.AddressTentative, "address",
                $"{trail.Packet.Destination} is not usable: duplicate address detection has not ended well",
                owner, "look for a second owner of the address")];
        trail = trail.Log("delivery", $"delivers {trail.Packet.Destination} to {trail.Host.Title}",
            (Entry?)owner ?? route);
        return [trail.Connect().Finish(Disposition.Delivered)];
    }
}
