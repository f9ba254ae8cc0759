using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;

namespace Causeway.Core.Tests.Ipam;

/// <summary>One sound cluster, and what each way of breaking it is called.</summary>
public sealed class IpamCheckTests
{
    private static readonly Prefix Cidr = Prefix.Parse("10.0.0.0/26");

    private static readonly IpamAllocation Allocation =
        new("10.0.0.0", "c1/eth0", "n1", 1, "ns", "web", "uid-1");

    private static readonly IpamState Sound = new(
        [IpamWorld.Pool("p", "10.0.0.0/16")],
        [Block(Cidr, "n1", Allocation)],
        [IpamObjects.NewAffinity(Cidr, "n1", BlockAffinitySpec.Confirmed)],
        [Pod("web", "uid-1", "10.0.0.0")],
        [new Node { Metadata = new() { Name = "n1" } }]);

    [Fact]
    public void Sound_cluster_has_no_problems() => Assert.Empty(IpamCheck.Run(Sound));

    [Fact]
    public void Pods_of_the_host_and_finished_ones_are_left_alone()
    {
        var host = Pod("host", "uid-2", "192.0.2.1");
        var done = Pod("done", "uid-3", "10.0.0.0");
        Assert.Empty(IpamCheck.Run(Sound with
        {
            Pods = [.. Sound.Pods,
                host with { Spec = host.Spec with { HostNetwork = true } },
                done with { Status = done.Status! with { Phase = "Failed" } }],
        }));
    }

    public static TheoryData<string, string[]> Faults => new()
    {
        { "no pod", ["IPAMBlock/10-0-0-0-26 address-unused"] },
        { "no allocation", ["Pod/ns/web pod-not-allocated"] },
        { "two pods", ["Pod/ns/two pod-not-owner", "Pod/ns/two pods-share-address"] },
        { "no affinity", ["IPAMBlock/10-0-0-0-26 block-without-affinity"] },
        { "no block", ["BlockAffinity/n1-10-0-0-0-26 affinity-without-block",
            "Pod/ns/web pod-not-allocated"] },
        { "no pool", ["IPAMBlock/10-0-0-0-26 block-outside-pool"] },
        { "overlap", ["IPAMBlock/10-0-0-0-27 block-overlap"] },
        { "pool overlap", ["IPPool/q pool-overlap"] },
        { "no node", ["BlockAffinity/n1-10-0-0-0-26 affinity-without-node",
            "IPAMBlock/10-0-0-0-26 address-unused"] },
        { "another's", ["BlockAffinity/n2-10-0-0-0-26 affinity-of-another"] },
        { "outside", ["IPAMBlock/10-0-0-0-26 address-outside-block", "IPAMBlock/10-0-0-0-26 address-unused",
            "Pod/ns/web pod-not-allocated"] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Each_fault_is_named_with_its_object_and_a_fix(string fault, string[] expected)
    {
        var problems = IpamCheck.Run(Break(fault));
        Assert.Equal(expected, problems.Select(p => $"{p.Object} {p.Code}"));
        Assert.All(problems, p => Assert.NotEmpty(p.Fix));
    }

    [Fact]
    public void Usage_counts_pools_and_blocks()
    {
        var usage = IpamUsage.Of(
            Sound with { Blocks = [Block(Cidr, "n1", Allocation with { Node = "n2" })] });
        var pool = Assert.Single(usage.Pools);
        Assert.Equal(("p", 65536, 1, 65535, 1), (
            pool.Name, (int)pool.Size, (int)pool.Used, (int)pool.Free, pool.Blocks));
        Assert.Equal(new BlockUsage("10.0.0.0/26", "n1", "p", 64, 1, 63, 1), Assert.Single(usage.Blocks));
    }

    private static IpamState Break(string fault) => fault switch
    {
        "no pod" => Sound with { Pods = [] },
        "no allocation" => Sound with { Blocks = [Block(Cidr, "n1")] },
        "two pods" => Sound with { Pods = [.. Sound.Pods, Pod("two", "uid-2", "10.0.0.0")] },
        "no affinity" => Sound with { Affinities = [] },
        "no block" => Sound with { Blocks = [] },
        "no pool" => Sound with { Pools = [] },
        "overlap" => Sound with { Blocks = [.. Sound.Blocks, Block(Prefix.Parse("10.0.0.0/27"), null)] },
        "pool overlap" =>
            Sound with { Pools = [.. Sound.Pools, IpamWorld.Pool("q", "10.0.0.0/20", age: -1)] },
        "no node" => Sound with { Nodes = [] },
        "another's" => Sound with
        {
            Nodes = [.. Sound.Nodes, new Node { Metadata = new() { Name = "n2" } }],
            Affinities = [.. Sound.Affinities, IpamObjects.NewAffinity(
                Cidr, "n2", BlockAffinitySpec.Confirmed)],
        },
        "outside" => Sound with { Blocks = [Block(Cidr, "n1", Allocation with { Address = "10.9.9.9" })] },
        _ => throw new ArgumentException(fault),
    };

    private static IpamBlock Block(Prefix cidr, string? node, params IpamAllocation[] allocations) =>
        IpamObjects.With(
            IpamObjects.NewBlock(cidr, node ?? ""),
            BlockAllocator.Create(
                cidr, node) with { Allocations = allocations, Sequence = allocations.Length });

    private static Pod Pod(string name, string uid, string address) => new()
    {
        Metadata = new() { Name = name, Namespace = "ns", Uid = uid },
        Spec = new() { NodeName = "n1" },
        Status = new() { Phase = "Running", PodIPs = [new(address)] },
    };
}
