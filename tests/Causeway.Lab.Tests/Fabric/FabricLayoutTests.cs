using Causeway.Core.Cluster;
using Causeway.Lab.Capsule;
using Causeway.Lab.Fabric;

namespace Causeway.Lab.Tests.Fabric;

public sealed class FabricLayoutTests
{
    [Fact]
    public void A_flat_lab_is_one_segment()
    {
        var layout = new FabricLayout(Config(3, Topology.Flat, LabFamily.Ipv4));
        Assert.Equal(
            ["n1 172.30.0.11/16", "n2 172.30.0.12/16", "n3 172.30.0.13/16"],
            layout.Nodes.Select(n => $"{n.Name} {string.Join(' ', n.Addresses)}"));
        Assert.Equal("172.30.0.1/16", Assert.Single(layout.Router(0)).ToString());
        Assert.Equal("172.30.0.2/16", Assert.Single(layout.Api).ToString());
        Assert.Equal("192.0.2.10/24", Assert.Single(layout.Outside).ToString());
    }

    [Fact]
    public void A_routed_dual_stack_lab_alternates_between_two_segments()
    {
        var layout = new FabricLayout(Config(2, Topology.Routed, LabFamily.Dual));
        Assert.Equal(
            ["n1 172.30.0.11/16 fd00:cafe::b/64", "n2 172.31.0.12/16 fd00:cafe:1::c/64"],
            layout.Nodes.Select(n => $"{n.Name} {string.Join(' ', n.Addresses)}"));
        Assert.Equal(
            ["172.30.0.0/16", "fd00:cafe::/64", "172.31.0.0/16", "fd00:cafe:1::/64"],
            layout.Networks().Select(n => n.ToString()));
    }

    [Theory]
    [InlineData(LabFamily.Ipv4)]
    [InlineData(LabFamily.Ipv6)]
    [InlineData(LabFamily.Dual)]
    public void No_two_have_one_address(LabFamily family)
    {
        var layout = new FabricLayout(Config(LabConfig.MaxNodes, Topology.Routed, family));
        var all = layout.Nodes.SelectMany(n => n.Addresses)
            .Concat(layout.Router(0)).Concat(layout.Router(1)).Concat(layout.Api)
            .Concat(layout.Outside).Concat(layout.RouterOutside)
            .Select(a => a.Address).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.All(layout.Nodes, n => Assert.All(n.Addresses, a => Assert.Equal(
            layout.Router(n.Segment).First(r => r.Address.Family == a.Address.Family).Network, a.Network)));
    }

    private static LabConfig Config(int nodes, Topology topology, LabFamily family) =>
        new(nodes, Encapsulation.Vxlan, topology, family, []);
}
