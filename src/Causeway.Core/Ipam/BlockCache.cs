using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// What a node last knew of the blocks that matter to it: its own, and those of others in which it has
/// addresses or may borrow. A block whose last write was not answered is doubtful, and is read again before
/// it is used.
/// </summary>
internal sealed class BlockCache(string node)
{
    private readonly SortedDictionary<string, CachedBlock> _blocks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);

    public IReadOnlyCollection<CachedBlock> All => _blocks.Values;

    public IReadOnlyList<string> Doubtful => [.. _doubtful];

    public void Put(IpamBlock block)
    {
        _blocks[block.Metadata.Name] = new(block, Prefix.Parse(block.Spec.Cidr), block.Spec.Node == node);
        _doubtful.Remove(block.Metadata.Name);
    }

    public void Drop(string name)
    {
        _blocks.Remove(name);
        _doubtful.Remove(name);
    }

    public void Doubt(string name) => _doubtful.Add(name);

    /// <summary>Takes what a watch told, if it is newer than what is known.</summary>
    public void Observe(IpamBlock block)
    {
        if (_blocks.TryGetValue(block.Metadata.Name, out var known)
            && block.Spec.Sequence > known.Block.Spec.Sequence)
            Put(block);
    }

    /// <summary>Forgets blocks of others in which this node has nothing.</summary>
    public void Trim()
    {
        foreach (var (name, cached) in _blocks.ToList())
            if (!cached.IsOwn && !cached.Block.Spec.Allocations.Any(a => a.Node == node)) Drop(name);
    }

    public void Clear()
    {
        _blocks.Clear();
        _doubtful.Clear();
    }
}

/// <param name="IsOwn">This node has the affinity.</param>
internal sealed record CachedBlock(IpamBlock Block, Prefix Cidr, bool IsOwn)
{
    public string Name => Block.Metadata.Name;

    public int Capacity { get; } = 1 << (Cidr.Family.Bits - Cidr.Length);

    /// <summary>Made once for each version of the block: requests ask for handles, and there may be many
    /// blocks.</summary>
    public ILookup<string, IpamAllocation> ByHandle =>
        field ??= Block.Spec.Allocations.ToLookup(a => a.Handle, StringComparer.Ordinal);
}
