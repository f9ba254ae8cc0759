using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Routing;

/// <summary>What a node's kernel holds because of the node itself and the pools.</summary>
internal static class LocalPlan
{
    /// <param name="network">Null while it is not known: pods here reach each other and the world all the same.</param>
    public static IEnumerable<Entry> Entries(string node, NodeNetwork? network, PoolIndex pools)
    {
        foreach (var family in pools.All.Select(p => p.Cidr.Family).Distinct())
        {
            var path = family == IpFamily.V4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding";
            yield return new Sysctl(path, "1") { Origin = pools.First(family) };
        }
        if (network is not null && pools.All.FirstOrDefault(p => Underlay.UsesVxlan(p.Pool.Spec.Encapsulation)).Pool is { } vxlan)
        {
            foreach (var entry in Tunnel(node, network, vxlan)) yield return entry;
        }
        if (Masquerade.Table(pools) is { } table) yield return table;
    }

    private static IEnumerable<Entry> Tunnel(string node, NodeNetwork network, IpPool pool)
    {
        var transport = Underlay.Transport(network);
        var origin = new Origin("IPPool", pool.Metadata.Name, Field: "spec.encapsulation");
        yield return new Link
        {
            Name = Ownership.VxlanDevice,
            Kind = "vxlan",
            Mac = Underlay.TunnelMac(node),
            Mtu = Underlay.Mtu(pool.Spec.Encapsulation, network),
            Vxlan = new VxlanSettings(Underlay.Vni, network.UnderlayOf(transport)!.Value.Address, network.Device),
            Origin = origin,
        };
        foreach (var address in network.Tunnel)
        {
            yield return new LinkAddress
            {
                Device = Ownership.VxlanDevice,
                Address = new InterfaceAddress(address, address.Family.Bits),
                Origin = new Origin("Node", node, Field: NodeNetwork.TunnelAnnotation),
            };
        }
    }
}
