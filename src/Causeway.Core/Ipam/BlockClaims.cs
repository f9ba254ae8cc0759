using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// A node's claims to blocks. A claim is three writes: the affinity as pending, the block (whose creation
/// decides between nodes that race), the affinity as confirmed. Giving up is three the other way. A crash
/// between any two of them leaves an affinity that is not confirmed, which <see cref="Recover"/> finishes or
/// undoes.
/// </summary>
internal sealed class BlockClaims(IIpamStore store, string node, BlockCache cache)
{
    /// <summary>Reads what the store holds of this node into the cache, and ends what a crash left half
    /// done.</summary>
    public async Task Recover(CancellationToken cancel)
    {
        cache.Clear();
        foreach (var block in await store.ListBlocks(IpamObjects.SelectBorrowed, cancel))
            if (block.Spec.Allocations.Any(a => a.Node == node)) cache.Put(block);
        Dictionary<string, IpamBlock> own = new(StringComparer.Ordinal);
        foreach (var block in await store.ListBlocks(IpamObjects.SelectNode(node), cancel))
            if (block.Spec.Node == node) own[block.Metadata.Name] = block;
        foreach (var affinity in await store.ListAffinities(IpamObjects.SelectNode(node), cancel))
        {
            if (affinity.Spec.Node != node) continue;
            var cidr = Prefix.Parse(affinity.Spec.Cidr);
            if (!own.Remove(IpamBlock.NameOf(cidr), out var block))
            {
                // Also a confirmed one: without a block it routes addresses that nobody can have.
                await store.DeleteAffinity(affinity, cancel);
                continue;
            }
            if (affinity.Spec.State == BlockAffinitySpec.PendingDeletion && block.Spec.Allocations.Count == 0)
                await GiveUp(block, affinity, cancel);
            else if (await Confirm(cidr, cancel))
                cache.Put(block);
        }
        foreach (var block in own.Values)
            if (await Confirm(Prefix.Parse(block.Spec.Cidr), cancel)) cache.Put(block);
    }

    /// <summary>Finds room for a need: a block claimed, or blocks of others in the cache to borrow
    /// from.</summary>
    public async Task<Acquired> Acquire(Need need, IpamView view, CancellationToken cancel)
    {
        List<PoolRange> pools = [.. need.Pools(view)];
        if (pools.Count == 0) return new(NoPool(need, view));
        var taken = await Taken(pools, cancel);
        foreach (var pool in pools)
            if (await ClaimFree(pool, taken, cancel)) return default;
        var blocks = await store.ListBlocks(null, cancel);
        foreach (var block in blocks)
            if (block.Spec.Node is null && HasRoomIn(block, pools) is not null
                && await TakeOver(block, cancel))
                return default;
        var lenders = blocks.Where(b => HasRoomIn(b, pools) is { Spec.StrictAffinity: false }).ToList();
        // Every borrower begins at another lender, so that they do not all write the same block.
        if (lenders.Count == 0) return new(Exhausted(need, pools));
        var first = node.Sum(c => (int)c) % lenders.Count;
        cache.Put(lenders[first]);
        return new(null, Borrows: true);
    }

    /// <summary>Gives back empty blocks that the node can do without, and deletes empty ones that are
    /// nobody's.</summary>
    public async Task Tidy(IpamView view, CancellationToken cancel)
    {
        foreach (var cached in cache.All.ToList())
        {
            if (cached.Block.Spec.Allocations.Count > 0) continue;
            if (cached.Block.Spec.Node is null)
            {
                if (await store.DeleteBlock(cached.Block, cancel) == StoreOutcome.Done)
                    cache.Drop(cached.Name);
                continue;
            }
            if (!cached.IsOwn || IsWanted(cached, view)) continue;
            var affinity = await store.GetAffinity(BlockAffinity.NameOf(node, cached.Cidr), cancel);
            cache.Doubt(cached.Name);
            // Once begun it is ended, also while the node stops: half a return waits for the node's next
            // start.
            if (affinity is null || await GiveUp(cached.Block, affinity, CancellationToken.None))
                cache.Drop(cached.Name);
        }
        cache.Trim();
    }

    /// <summary>Reads a block again after a conflict or a doubt.</summary>
    public async Task Refresh(string name, CancellationToken cancel)
    {
        if (await store.GetBlock(name, cancel) is { } block) cache.Put(block);
        else cache.Drop(name);
    }

    /// <summary>An empty block stays while its pool serves this node and the node's other blocks there have
    /// less room than a quarter of a block: a pod that comes and goes shall not move a block each
    /// time.</summary>
    private bool IsWanted(CachedBlock cached, IpamView view)
    {
        var pool = view.Pools.Holding(cached.Cidr);
        if (pool is null || !pool.Serves(view.NodeLabels)) return false;
        var elsewhere = cache.All
            .Where(c => c.IsOwn && c.Name != cached.Name && pool.Cidr.Contains(c.Cidr))
            .Sum(c => BlockAllocator.Free(c.Block.Spec));
        return elsewhere == 0 || elsewhere < pool.BlockCapacity / 4;
    }

    private async Task<List<Prefix>> Taken(List<PoolRange> pools, CancellationToken cancel)
    {
        List<Prefix> taken = [];
        foreach (var affinity in await store.ListAffinities(null, cancel))
            if (Prefix.TryParse(affinity.Spec.Cidr, out var cidr) && pools.Exists(p => p.Cidr.Overlaps(cidr)))
                taken.Add(cidr);
        return taken;
    }

    private async Task<bool> ClaimFree(PoolRange pool, List<Prefix> taken, CancellationToken cancel)
    {
        var sameSize = taken.Where(t => t.Length == pool.BlockLength).ToHashSet();
        var otherSize = taken.Where(t => t.Length != pool.BlockLength).ToList();
        foreach (var cidr in pool.ClaimOrder(node))
        {
            if (sameSize.Contains(cidr) || otherSize.Exists(t => t.Overlaps(cidr))) continue;
            if (await Claim(cidr, cancel)) return true;
        }
        return false;
    }

    private async Task<bool> Claim(Prefix cidr, CancellationToken cancel)
    {
        var made = await store.CreateAffinity(
            IpamObjects.NewAffinity(cidr, node, BlockAffinitySpec.Pending), cancel);
        var affinity = made.Value ?? await store.GetAffinity(BlockAffinity.NameOf(node, cidr), cancel);
        if (affinity is null) return false;
        var created = await store.CreateBlock(IpamObjects.NewBlock(cidr, node), cancel);
        var block = created.Value ?? await store.GetBlock(IpamBlock.NameOf(cidr), cancel);
        if (block is null || block.Spec.Node != node)
        {
            await store.DeleteAffinity(affinity, cancel);
            return false;
        }
        if (!await Confirm(cidr, cancel)) return false;
        cache.Put(block);
        return true;
    }

    /// <summary>Makes a block that its node gave up, with addresses in use, this node's.</summary>
    private async Task<bool> TakeOver(IpamBlock block, CancellationToken cancel)
    {
        var cidr = Prefix.Parse(block.Spec.Cidr);
        var made = await store.CreateAffinity(
            IpamObjects.NewAffinity(cidr, node, BlockAffinitySpec.Pending), cancel);
        var spec = block.Spec with { Node = node, Sequence = block.Spec.Sequence + 1 };
        var taken = await store.ReplaceBlock(IpamObjects.With(block, spec), cancel);
        if (taken.Value is not { } mine)
        {
            if (made.Value is { } affinity) await store.DeleteAffinity(affinity, cancel);
            return false;
        }
        if (!await Confirm(cidr, cancel)) return false;
        cache.Put(mine);
        return true;
    }

    private async Task<bool> Confirm(Prefix cidr, CancellationToken cancel)
    {
        while (true)
        {
            var known = await store.GetAffinity(BlockAffinity.NameOf(node, cidr), cancel);
            if (known?.Spec.State == BlockAffinitySpec.Confirmed) return true;
            var written = known is null
                ? await store.CreateAffinity(
                    IpamObjects.NewAffinity(cidr, node, BlockAffinitySpec.Confirmed), cancel)
                : await store.ReplaceAffinity(IpamObjects.With(known, BlockAffinitySpec.Confirmed), cancel);
            if (written.IsDone) return true;
        }
    }

    /// <returns>False when someone took an address meanwhile: the block stays.</returns>
    private async Task<bool> GiveUp(IpamBlock block, BlockAffinity affinity, CancellationToken cancel)
    {
        var leaving = await store.ReplaceAffinity(
            IpamObjects.With(affinity, BlockAffinitySpec.PendingDeletion), cancel);
        if (leaving.Value is null) return false;
        if (await store.DeleteBlock(block, cancel) == StoreOutcome.Conflict)
        {
            await Confirm(Prefix.Parse(block.Spec.Cidr), cancel);
            return false;
        }
        await store.DeleteAffinity(leaving.Value, cancel);
        return true;
    }

    private static PoolRange? HasRoomIn(IpamBlock block, List<PoolRange> pools) =>
        Prefix.TryParse(block.Spec.Cidr, out var cidr) && BlockAllocator.Free(block.Spec) > 0
            ? pools.Find(p => p.Cidr.Contains(cidr))
            : null;

    /// <param name="Failure">Null when something was found.</param>
    /// <param name="Borrows">What was found is another node's.</param>
    public readonly record struct Acquired(AssignFailure? Failure, bool Borrows = false);

    private AssignFailure NoPool(Need need, IpamView view)
    {
        var any = view.Pools.Ranges.Where(r => r.Family == need.Family).Select(r => r.Name).ToList();
        var why = any.Count == 0
            ? "there is none"
            : $"not one of {string.Join(", ", any)} is enabled for the node";
        return new(AssignFailure.NoPool, $"no {need} pool for node {node}: {why}");
    }

    private AssignFailure Exhausted(Need need, List<PoolRange> pools) => new(AssignFailure.Exhausted,
        $"no free {need} address for node {node}: "
        + string.Join(", ", pools.Select(p => $"pool {p.Name} ({p.Cidr})")) + " have none left");
}
