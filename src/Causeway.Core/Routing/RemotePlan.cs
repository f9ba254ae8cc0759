using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Routing;

/// <summary>What this node's kernel holds because of another node.</summary>
internal static class RemotePlan
{
    /// <summary>The other end of the tunnel: where its MAC is, and which tunnel addresses have that MAC.</summary>
    public static IEnumerable<Entry> Tunnel(NodeNetwork local, string node, NodeNetwork remote)
    {
        if (remote.UnderlayOf(Underlay.Transport(local)) is not { } underlay) yield break;
        var mac = Underlay.TunnelMac(node);
        yield return new FdbEntry
        {
            Device = Ownership.VxlanDevice,
            Mac = mac,
            Destination = underlay.Address,
            Origin = new Origin("Node", node, Field: NodeNetwork.UnderlayAnnotation),
        };
        foreach (var address in remote.Tunnel)
        {
            yield return new Neighbour
            {
                Device = Ownership.VxlanDevice,
                Address = address,
                Mac = mac,
                Origin = new Origin("Node", node, Field: NodeNetwork.TunnelAnnotation),
            };
        }
    }

    /// <summary>The route to addresses that another node holds; null where nothing but a routing protocol
    /// could lead there.</summary>
    public static Route? Way(
        NodeNetwork local, NodeNetwork remote, Encapsulation encapsulation, Prefix destination, Origin origin)
    {
        var family = destination.Family;
        var route = EndpointPlan.Route(destination, origin);
        var adjacent = Adjacent(local, remote, family);
        if (Underlay.UsesVxlan(encapsulation) && !(encapsulation == Encapsulation.VxlanCrossSubnet && adjacent))
        {
            return remote.TunnelOf(family) is { } tunnel && remote.UnderlayOf(Underlay.Transport(local)) is not null
                ? route with { Via = tunnel, Device = Ownership.VxlanDevice, Onlink = true }
                : null;
        }
        return encapsulation is Encapsulation.None or Encapsulation.VxlanCrossSubnet && adjacent
            ? route with { Via = remote.UnderlayOf(family)!.Value.Address, Device = local.Device }
            : null;
    }

    private static bool Adjacent(NodeNetwork local, NodeNetwork remote, IpFamily family) =>
        local.UnderlayOf(family) is { } here && remote.UnderlayOf(family) is { } there
        && here.Network.Contains(there.Address);
}
