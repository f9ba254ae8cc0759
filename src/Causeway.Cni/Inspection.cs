using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netlink;

namespace Causeway.Cni;

/// <summary>Compares a pod's interface with what was assigned to it.</summary>
internal static class Inspection
{
    /// <summary>The first thing that is not as it should be, in words; null when all is.</summary>
    public static string? Problem(
        NetlinkSocket host, PodNamespace pod, string ifName, EndpointAssignment assignment)
    {
        if (StaleInterface.Find(host, assignment.HostDevice) is not { } hostEnd)
            return $"the host device {assignment.HostDevice} is missing";
        if (!hostEnd.Up) return $"the host device {assignment.HostDevice} is down";
        using var inside = pod.Inside(NetlinkSocket.Open);
        if (StaleInterface.Find(inside, ifName) is not { } podEnd)
            return $"{ifName} is missing in {pod.Path}";
        return LinkProblem(podEnd, hostEnd, assignment)
            ?? AddressProblem(inside, podEnd, assignment)
            ?? RouteProblem(inside, podEnd, assignment);
    }

    private static string? LinkProblem(Link podEnd, Link hostEnd, EndpointAssignment assignment)
    {
        if (podEnd.Kind != "veth" || podEnd.PeerIndex != hostEnd.Index)
            return $"{podEnd.Name} is not the other end of {hostEnd.Name}";
        if (!podEnd.Up) return $"{podEnd.Name} is down";
        if (!assignment.Mac.IsZero && podEnd.Mac != assignment.Mac)
            return $"{podEnd.Name} has MAC address {podEnd.Mac}, not {assignment.Mac}";
        return assignment.Mtu != 0 && podEnd.Mtu != assignment.Mtu
            ? $"{podEnd.Name} has an MTU of {podEnd.Mtu}, not {assignment.Mtu}"
            : null;
    }

    private static string? AddressProblem(NetlinkSocket inside, Link podEnd, EndpointAssignment assignment)
    {
        var names = Names(podEnd);
        var present = inside.Dump(
                "cannot list the pod's addresses", AddressCodec.WriteDump,
                payload => AddressCodec.Read(payload, names))
            .Where(a => a.Device == podEnd.Name).Select(a => a.Address.Address).ToHashSet();
        foreach (var assigned in assignment.Addresses)
        {
            if (!present.Contains(assigned.Address))
                return $"{podEnd.Name} does not have address {assigned.Address}";
        }
        return null;
    }

    private static string? RouteProblem(NetlinkSocket inside, Link podEnd, EndpointAssignment assignment)
    {
        var names = Names(podEnd);
        var routes = inside.Dump(
            "cannot list the pod's routes", RouteCodec.WriteDump, payload => RouteCodec.Read(payload, names));
        foreach (var assigned in assignment.Addresses)
        {
            var destination = Prefix.Default(assigned.Address.Family);
            if (!routes.Exists(r => r.Destination == destination && r.Table == Route.MainTable
                && r.Via == assigned.Gateway && r.Device == podEnd.Name))
                return $"the route to {destination} via {assigned.Gateway} on {podEnd.Name} is missing";
        }
        return null;
    }

    private static DeviceNames Names(Link link)
    {
        var names = new DeviceNames();
        names.Set(link.Index, link.Name);
        return names;
    }
}
