using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>Question: is the device there, up, and connected?</summary>
internal static class DeviceHop
{
    /// <summary>Ends the trail where the device cannot carry; null when it can.</summary>
    public static Finish? NotUsable(Trail trail, string device)
    {
        var host = trail.Host;
        if (host.State.Link(device) is not { } link)
            return trail.Stop(CauseCode.DeviceMissing, "device", $"there is no device {device}", "",
                "see why the device went away; the network's agent or plugin makes it");
        if (!link.Up)
            return trail.Stop(CauseCode.DeviceDown, "device", $"{device} is down", link, Fix.Up(host, device));
        return LostCarrier(trail, link);
    }

    private static Finish? LostCarrier(Trail trail, Link link)
    {
        if (trail.World.Wires.Peer(new(trail.Host.Name, link.Name)) is { } peer)
        {
            // The carrier of a veth is whether its other end is up; name that end.
            var far = trail.At(trail.World.Hosts[peer.Host]);
            return far.Host.State.Link(peer.Device) switch
            {
                null => far.Stop(CauseCode.DeviceMissing, "device", $"there is no device {peer.Device}", "",
                    "delete the pod, so that it is made again"),
                { Up: false } down => far.Stop(CauseCode.DeviceDown, "device",
                    $"{peer.Device} is down, so {link.Name} of {trail.Host.Title} has no carrier",
                    down, Fix.Up(far.Host, peer.Device)),
                _ => null,
            };
        }
        return link.Carrier == false
            ? trail.Stop(CauseCode.NoCarrier, "device", $"{link.Name} has no carrier", link,
                "see what it is plugged into: the cable, the switch, the other end of the veth")
            : null;
    }
}
