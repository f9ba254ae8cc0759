using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;

namespace Causeway.Core.Tests.Ipam;

/// <summary>Pools, and what must always hold of a store, for the tests of address management.</summary>
internal static class IpamWorld
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static IpPool Pool(
        string name, string cidr, int? blockSize = null, int age = 0, bool strict = false) => new()
    {
        Metadata = new() { Name = name, CreationTimestamp = Start.AddDays(-age) },
        Spec = new() { Cidr = cidr, BlockSize = blockSize, StrictAffinity = strict },
    };

    public static IpamView View(params IpPool[] pools) => new(PoolSet.Of(pools), null);

    public static IpamClient Client(IIpamStore store, string node, IpamView view) =>
        new(store, node, () => view, TimeProvider.System);

    public static AssignRequest Pod(string handle, params IpFamily[] families) =>
        new(handle, families.Length == 0 ? [IpFamily.V4] : families, "ns", "pod-" + handle, "uid-" + handle);

    /// <summary>No address twice, no block inside another, every allocation inside its block, sequences sane,
    /// labels true.</summary>
    public static void AssertSound(FakeIpamStore store)
    {
        var blocks = store.Blocks;
        var cidrs = blocks.Select(b => Prefix.Parse(b.Spec.Cidr)).ToList();
        for (var i = 0; i < cidrs.Count; i++)
            for (var j = 0; j < i; j++)
                Assert.False(cidrs[i].Overlaps(cidrs[j]), $"{cidrs[i]} overlaps {cidrs[j]}");
        foreach (var block in blocks) AssertSound(block.Spec);
        var allocations = blocks.SelectMany(b => b.Spec.Allocations).ToList();
        Assert.Equal(allocations.Count, allocations.Select(a => a.Address).Distinct().Count());
        Assert.All(blocks, b => Assert.Equal(b.Metadata.Labels, IpamObjects.With(b, b.Spec).Metadata.Labels));
        var confirmed = store.Affinities.Where(a => a.Spec.State == BlockAffinitySpec.Confirmed);
        Assert.All(confirmed.GroupBy(a => a.Spec.Cidr), g => Assert.Single(g));
        foreach (var affinity in confirmed)
        {
            var block = blocks.Single(b => b.Spec.Cidr == affinity.Spec.Cidr);
            Assert.Equal(affinity.Spec.Node, block.Spec.Node);
        }
    }

    public static void AssertSound(IpamBlockSpec block)
    {
        var cidr = Prefix.Parse(block.Cidr);
        var used = block.Allocations.Select(a => IpAddress.Parse(a.Address)).ToList();
        var idle = block.Released.Select(a => IpAddress.Parse(a)).ToList();
        Assert.All(used.Concat(idle), a => Assert.True(cidr.Contains(a)));
        Assert.Equal(used.Count + idle.Count, used.Concat(idle).Distinct().Count());
        Assert.Equal(used.Order(), used);
        Assert.All(block.Allocations, a => Assert.InRange(a.Sequence, 1, block.Sequence));
        Assert.Equal(BlockAllocator.Capacity(block) - used.Count, BlockAllocator.Free(block));
    }
}
