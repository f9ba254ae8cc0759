using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;
using CsCheck;

namespace Causeway.Core.Tests.Ipam;

public sealed class BlockAllocatorTests
{
    private static readonly Gen<Prefix> Cidr = Gen.OneOf(
        Gen.Int[24, 32].Select(l => Prefix.Of(IpAddress.Parse("10.0.0.0"), l)),
        Gen.Int[120, 128].Select(l => Prefix.Of(IpAddress.Parse("fd00::"), l)));

    [Fact]
    public void Never_used_addresses_go_first_then_the_longest_idle()
    {
        var block = BlockAllocator.Create(Prefix.Parse("10.0.0.0/30"), "n1");
        Assert.Equal("10.0.0.0", Take(ref block, "a"));
        Assert.Equal("10.0.0.1", Take(ref block, "b"));
        block = BlockAllocator.ReleaseHandle(block, "b").Block;
        block = BlockAllocator.ReleaseHandle(block, "a").Block;
        Assert.Equal("10.0.0.2", Take(ref block, "c"));
        Assert.Equal("10.0.0.3", Take(ref block, "d"));
        Assert.Equal("10.0.0.1", Take(ref block, "e"));
        Assert.Equal("10.0.0.0", Take(ref block, "f"));
        Assert.Null(BlockAllocator.Allocate(block, Purpose("g")));
    }

    [Fact]
    public void Stale_releases_are_refused()
    {
        var block = BlockAllocator.Create(Prefix.Parse("10.0.0.0/32"), "n1");
        var (one, first) = BlockAllocator.Allocate(block, Purpose("a"))!.Value;
        var (empty, outcome) = BlockAllocator.Release(one, first.Address, "a", first.Sequence);
        Assert.Equal(ReleaseOutcome.Released, outcome);
        Assert.Equal(ReleaseOutcome.NotAllocated, Outcome(empty, first));
        var (again, _) = BlockAllocator.Allocate(empty, Purpose("a"))!.Value;
        Assert.Equal(ReleaseOutcome.OtherSequence, Outcome(again, first));
        var (other, _) = BlockAllocator.Allocate(empty, Purpose("b"))!.Value;
        Assert.Equal(ReleaseOutcome.OtherHandle, Outcome(other, first));
        Assert.Same(other, BlockAllocator.Release(other, first.Address, "a", first.Sequence).Block);
    }

    [Fact]
    public void Any_sequence_of_operations_keeps_the_block_sound() =>
        Gen.Select(Cidr, Gen.Select(Gen.Bool, Gen.Int[0, 20]).Array[0, 200]).Sample((cidr, operations) =>
        {
            var block = BlockAllocator.Create(cidr, "n1");
            var model = new Dictionary<string, HashSet<string>>();
            foreach (var (take, number) in operations)
            {
                var handle = $"h{number}";
                var before = block.Sequence;
                if (take)
                {
                    var room = BlockAllocator.Free(block) > 0;
                    var result = BlockAllocator.Allocate(block, Purpose(handle));
                    Assert.Equal(room, result is not null);
                    if (result is not var (next, allocation)) continue;
                    Assert.DoesNotContain(allocation.Address, model.Values.SelectMany(a => a));
                    model.TryAdd(handle, []);
                    model[handle].Add(allocation.Address);
                    block = next;
                }
                else
                {
                    var (next, released) = BlockAllocator.ReleaseHandle(block, handle);
                    model.Remove(handle, out var had);
                    Assert.Equal((had ?? []).Order(), released.Select(a => a.Address).Order());
                    if (released.Count == 0) continue;
                    block = next;
                }
                Assert.Equal(before + 1, block.Sequence);
                IpamWorld.AssertSound(block);
            }
            Assert.Equal(model.Values.Sum(a => a.Count), block.Allocations.Count);
        }, iter: 300);

    private static ReleaseOutcome Outcome(IpamBlockSpec block, IpamAllocation allocation) =>
        BlockAllocator.Release(block, allocation.Address, allocation.Handle, allocation.Sequence).Outcome;

    private static string Take(ref IpamBlockSpec block, string handle)
    {
        var (next, allocation) = BlockAllocator.Allocate(block, Purpose(handle))!.Value;
        block = next;
        return allocation.Address;
    }

    private static AllocationPurpose Purpose(string handle) =>
        new(handle, "n1", "ns", "pod", "uid", IpamWorld.Start);
}
