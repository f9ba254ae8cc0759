using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Wire.AgentProtocol;

namespace Causeway.Core.Trace;

/// <summary>
/// What the CNI plugin makes inside a pod: the device, an address per family, a default route through a gateway that
/// nobody has, and the permanent neighbour entry by which the gateway is the node's end of the veth pair.
/// </summary>
public static class PodPlan
{
    // The kernel fills it in for IPv6 routes without one.
    private const uint Ipv6Metric = 1024;

    /// <summary>The pod's planned dataplane, completed by what its kernel adds.</summary>
    /// <param name="mtu">Of the pod's end, in bytes; null where nothing is known.</param>
    public static DataplaneState Compute(PodAttachment pod, int? mtu, Origin? origin = null) =>
        KernelImplied.Complete(DataplaneState.Of(Entries(pod, mtu).Select(e => e with { Origin = origin })));

    /// <summary>What the plugin adds to the node's end beside the node's plan: fe80::1, for IPv6.</summary>
    public static IEnumerable<Entry> HostEnd(PodAttachment pod) =>
        pod.Addresses.Any(a => a.Family == IpFamily.V6)
            ?
            [
                new LinkAddress
                {
                    Device = pod.HostDevice, Address = new(EndpointAssignment.GatewayV6, 64), Scope = Scope.Link,
                },
            ]
            : [];

    private static IEnumerable<Entry> Entries(PodAttachment pod, int? mtu)
    {
        yield return new Link { Name = pod.Device, Kind = "veth", Mtu = mtu };
        foreach (var address in pod.Addresses)
        {
            var family = address.Family;
            var gateway = EndpointAssignment.GatewayOf(family);
            yield return new LinkAddress { Device = pod.Device, Address = new(address, family.Bits) };
            yield return new Neighbour
            {
                Device = pod.Device, Address = gateway, Mac = EndpointAssignment.GatewayMac,
            };
            yield return new Route
            {
                Destination = Prefix.Default(family), Via = gateway, Device = pod.Device, Onlink = true,
                Metric = family == IpFamily.V4 ? 0 : Ipv6Metric, Protocol = Ownership.RouteProtocol,
            };
        }
    }
}
