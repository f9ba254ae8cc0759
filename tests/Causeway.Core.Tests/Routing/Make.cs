using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Tests.Routing;

/// <summary>Small objects of the API for tests.</summary>
internal static class Make
{
    public static IpPool Pool(string name, string cidr, Encapsulation encapsulation = Encapsulation.Vxlan) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Spec = new IpPoolSpec { Cidr = cidr, Encapsulation = encapsulation },
    };

    public static Node Node(string name, string underlay, params string[] tunnel) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Annotations = new NodeNetwork(
                "eth0", 1500, [.. underlay.Split(',').Select(u => InterfaceAddress.Parse(u))],
                [.. tunnel.Select(t => IpAddress.Parse(t))]).ToAnnotations(),
        },
    };

    public static BlockAffinity Affinity(string node, string cidr, string state = BlockAffinitySpec.Confirmed) => new()
    {
        Metadata = new ObjectMeta { Name = BlockAffinity.NameOf(node, Prefix.Parse(cidr)) },
        Spec = new BlockAffinitySpec(cidr, node, state),
    };

    public static IpamBlock Block(string cidr, string node, params (string Address, string Node, string? Pod)[] used) => new()
    {
        Metadata = new ObjectMeta { Name = IpamBlock.NameOf(Prefix.Parse(cidr)) },
        Spec = new IpamBlockSpec
        {
            Cidr = cidr,
            Node = node,
            Allocations =
            [
                .. used.Select((u, i) => u.Pod is null
                    ? new IpamAllocation(u.Address, "tunnel/" + u.Node, u.Node, i)
                    : new IpamAllocation(u.Address, Handle(u.Pod), u.Node, i, "default", u.Pod)),
            ],
        },
    };

    public static string Handle(string pod) => pod + "-container/eth0";
}
