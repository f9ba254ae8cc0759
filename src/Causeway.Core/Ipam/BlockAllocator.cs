using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>Why an address was or was not released.</summary>
public enum ReleaseOutcome
{
    Released,

    /// <summary>Nobody has it; a release that was repeated.</summary>
    NotAllocated,

    /// <summary>It belongs to another handle now: the release is stale.</summary>
    OtherHandle,

    /// <summary>The same handle got it anew since: the release is stale.</summary>
    OtherSequence,
}

/// <summary>What an address is wanted for.</summary>
/// <param name="Handle"><c>CONTAINER-ID/IFNAME</c>, or <c>tunnel/NODE</c>.</param>
/// <param name="Node">Where it will be used.</param>
public sealed record AllocationPurpose(
    string Handle, string Node, string? Namespace, string? Pod, string? PodUid, DateTimeOffset Since);

/// <summary>
/// The algebra of one block: each operation takes a block and gives the next one, whose sequence is one
/// higher. Addresses that were never used go first, in order; then those that have been idle longest, so that
/// an address rests as long as possible before another pod answers on it.
/// </summary>
public static class BlockAllocator
{
    public static IpamBlockSpec Create(Prefix cidr, string? node) =>
        new() { Cidr = cidr.ToString(), Node = node };

    public static int Capacity(IpamBlockSpec block) => Capacity(Prefix.Parse(block.Cidr));

    public static int Free(IpamBlockSpec block) => Capacity(block) - block.Allocations.Count;

    /// <summary>Null when the block is full.</summary>
    public static (IpamBlockSpec Block, IpamAllocation Allocation)? Allocate(
        IpamBlockSpec block, AllocationPurpose purpose)
    {
        var cidr = Prefix.Parse(block.Cidr);
        if (block.Allocations.Count >= Capacity(cidr)) return null;
        var used = Offsets(block, cidr);
        var fresh = Array.IndexOf(used, Use.Never);
        var offset = fresh >= 0 ? fresh : OffsetOf(cidr, block.Released[0]);
        var sequence = block.Sequence + 1;
        var allocation = new IpamAllocation(
            cidr.Address.Add((UInt128)offset).ToString(), purpose.Handle, purpose.Node, sequence,
            purpose.Namespace, purpose.Pod, purpose.PodUid, purpose.Since);
        // Allocations stand in order of address: as many come before this one as lower addresses are in use.
        var at = used.AsSpan(0, offset).Count(Use.Now);
        List<IpamAllocation> allocations = [.. block.Allocations];
        allocations.Insert(at, allocation);
        return (block with
        {
            Sequence = sequence,
            Allocations = allocations,
            Released = fresh >= 0 ? block.Released : [.. block.Released.Skip(1)],
        }, allocation);
    }

    /// <summary>Frees one address, if handle and sequence are those it was allocated with. The block is the
    /// same object when nothing was released.</summary>
    public static (IpamBlockSpec Block, ReleaseOutcome Outcome) Release(
        IpamBlockSpec block, string address, string handle, long sequence)
    {
        var found = block.Allocations.FirstOrDefault(a => a.Address == address);
        if (found is null) return (block, ReleaseOutcome.NotAllocated);
        if (found.Handle != handle) return (block, ReleaseOutcome.OtherHandle);
        if (found.Sequence != sequence) return (block, ReleaseOutcome.OtherSequence);
        return (Without(block, [found]), ReleaseOutcome.Released);
    }

    /// <summary>Frees everything that a handle has. The block is the same object when that is
    /// nothing.</summary>
    public static (IpamBlockSpec Block, IReadOnlyList<IpamAllocation> Released) ReleaseHandle(
        IpamBlockSpec block, string handle)
    {
        List<IpamAllocation> released = [.. block.Allocations.Where(a => a.Handle == handle)];
        return released.Count == 0 ? (block, released) : (Without(block, released), released);
    }

    private static IpamBlockSpec Without(IpamBlockSpec block, List<IpamAllocation> gone) => block with
    {
        Sequence = block.Sequence + 1,
        Allocations = [.. block.Allocations.Where(a => !gone.Contains(a))],
        Released = [.. block.Released, .. gone.Select(a => a.Address)],
    };

    private enum Use : byte
    {
        Never,
        Before,
        Now,
    }

    private static Use[] Offsets(IpamBlockSpec block, Prefix cidr)
    {
        var used = new Use[Capacity(cidr)];
        foreach (var address in block.Released) used[OffsetOf(cidr, address)] = Use.Before;
        foreach (var allocation in block.Allocations) used[OffsetOf(cidr, allocation.Address)] = Use.Now;
        return used;
    }

    private static int OffsetOf(Prefix cidr, string text)
    {
        var address = IpAddress.Parse(text);
        return cidr.Contains(address)
            ? (int)(address.Value - cidr.Address.Value)
            : throw new FormatException($"block {cidr} holds {text}, which is outside of it");
    }

    private static int Capacity(Prefix cidr) => 1 << (cidr.Family.Bits - cidr.Length);
}
