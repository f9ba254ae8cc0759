using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>Question: does the other node take the tunnel's packet? A device of that VNI and port, up, with that MAC.</summary>
internal static class DecapsulateHop
{
    public static IEnumerable<Finish> Open(Trail trail)
    {
        var frame = trail.Packet.Inner!;
        var devices = trail.Host.State.All<Link>().Where(l => l.Kind == "vxlan")
            .OrderBy(l => l.Name, StringComparer.Ordinal).ToList();
        var fitting = devices.Where(l => Fits(l, trail.Packet, frame)).ToList();
        if (fitting.FirstOrDefault(l => l.Up) is not { } link) return [Refuse(trail, frame, devices, fitting)];
        if (link.Mac is { } mac && frame.DestinationMac is { } wanted && mac != wanted)
            return [trail.Stop(CauseCode.NeighbourWrong, "vxlan",
                $"a frame for {wanted} came out of the tunnel, but {link.Name} is {mac}", link,
                "correct the neighbour entry on the sending node")];
        trail = trail.Log("vxlan", $"unwraps the packet of {trail.Packet.Source} on {link.Name}", link);
        return ReceiveHop.Receive(trail with { Packet = frame.Packet, Track = null }, link.Name);
    }

    private static bool Fits(Link link, Packet outer, EncapsulatedFrame frame) => link.Vxlan is { } v
        && v.Vni == frame.Vni && v.Port == outer.DestinationPort
        && (v.Local?.Family ?? IpFamily.V4) == outer.Family;

    private static Finish Refuse(Trail trail, EncapsulatedFrame frame, List<Link> devices, List<Link> fitting)
    {
        if (fitting.Count > 0)
            return trail.Stop(CauseCode.DeviceDown, "vxlan",
                $"{fitting[0].Name} is down, so UDP port {trail.Packet.DestinationPort} is closed", fitting[0],
                Fix.Up(trail.Host, fitting[0].Name));
        var wanted = $"VNI {frame.Vni} on UDP port {trail.Packet.DestinationPort}";
        return devices.Count > 0
            ? trail.Stop(CauseCode.VxlanMismatch, "vxlan", $"no VXLAN device takes {wanted}", devices[0],
                "make the devices of both nodes alike")
            : trail.Stop(CauseCode.VxlanAbsent, "vxlan", $"there is no VXLAN device to take {wanted}", "",
                "see whether the node's agent runs");
    }
}
