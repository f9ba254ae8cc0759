using Causeway.Core;
using Causeway.Core.Cluster;
using Causeway.Lab.Capsule;

namespace Causeway.Lab.Tests.Capsule;

public sealed class LabRequestTests
{
    [Fact]
    public void Nothing_said_is_three_nodes_over_vxlan()
    {
        var config = new LabRequest().ToConfig();
        Assert.Equal((3, Encapsulation.Vxlan, Topology.Flat, LabFamily.Ipv4),
            (config.Nodes, config.Encapsulation, config.Topology, config.Family));
        Assert.Equal(["10.244.0.0/16"], config.Pools);
        Assert.Equal(["n1", "n2", "n3"], config.NodeNames());
    }

    public static TheoryData<LabRequest, string> Refused => new()
    {
        { new() { Nodes = 0 }, "--nodes 0: a lab has 1 to 500" },
        { new() { Nodes = 501 }, "--nodes 501" },
        { new() { Encapsulation = Encapsulation.IpIp }, "--encap ipip" },
        { new() { Encapsulation = Encapsulation.None, Topology = Topology.Routed }, "--encap none with --topology routed" },
        { new() { Pools = ["10.1.0.0"] }, "--pool: '10.1.0.0' is not a network" },
        { new() { Pools = ["10.1.0.1/16"] }, "the network is 10.1.0.0/16" },
        { new() { Pools = ["172.16.0.0/12"] }, "overlaps the nodes' own network 172.30.0.0/16" },
        { new() { Pools = ["10.96.0.0/12"] }, "overlaps the services' own range 10.96.0.0/16" },
        { new() { Pools = ["10.1.0.0/27"] }, "smaller than one block of addresses (/26)" },
        { new() { Pools = ["fd00:1::/48"] }, "--pool fd00:1::/48: the lab's family is IPv4" },
        { new() { Pools = ["10.1.0.0/16", "10.2.0.0/16"] }, "one pool per family" },
        { new() { Family = LabFamily.Dual, Pools = ["10.1.0.0/16"] }, "needs a pool of each family" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_names_the_option(LabRequest request, string message)
    {
        var error = Assert.Throws<InputException>(request.ToConfig);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lab_that_exists_stays_as_it_is()
    {
        var existing = new LabRequest { Nodes = 2 }.ToConfig();
        Assert.Same(existing, new LabRequest().Keep(existing, "a"));
        Assert.Same(existing, new LabRequest { Nodes = 2, Encapsulation = Encapsulation.Vxlan }.Keep(existing, "a"));
        var error = Assert.Throws<InputException>(() => new LabRequest { Nodes = 3 }.Keep(existing, "a"));
        Assert.Contains("--nodes: lab 'a' exists with 2, not 3", error.Message, StringComparison.Ordinal);
    }
}
