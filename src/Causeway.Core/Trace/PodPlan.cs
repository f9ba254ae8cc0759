using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>What the CNI plugin makes inside a pod: the device, an address per family, the way to the gateway.</summary>
public static class PodPlan
{
    /// <summary>The next hop of every pod: the node's end of the veth answers for it by proxy ARP.</summary>
    public static readonly IpAddress GatewayV4 = IpAddress.V4(0xA9FE_0101);

    /// <summary>fe80::1, answered for by proxy NDP.</summary>
    public static readonly IpAddress GatewayV6 = IpAddress.V6(((UInt128)0xFE80 << 112) + 1);

    private const uint Ipv6Metric = 1024;

    /// <summary>The pod's planned dataplane, completed by what its kernel adds.</summary>
    /// <param name="mtu">Of the pod's end, in bytes; null where nothing is known.</param>
    public static DataplaneState Compute(PodAttachment pod, int? mtu, Origin? origin = null) =>
        KernelImplied.Complete(DataplaneState.Of(Entries(pod, mtu).Select(e => e with { Origin = origin })));

    private static IEnumerable<Entry> Entries(PodAttachment pod, int? mtu)
    {
        yield return new Link { Name = pod.Device, Kind = "veth", Mtu = mtu };
        foreach (var address in pod.Addresses)
        {
            var family = address.Family;
            var gateway = family == IpFamily.V4 ? GatewayV4 : GatewayV6;
            yield return new LinkAddress { Device = pod.Device, Address = new(address, family.Bits) };
            if (family == IpFamily.V4)
                yield return new Route { Destination = gateway.Host, Device = pod.Device, Scope = Scope.Link };
            yield return new Route
            {
                Destination = Prefix.Default(family), Via = gateway, Device = pod.Device,
                Metric = family == IpFamily.V4 ? 0 : Ipv6Metric,
            };
        }
    }
}
