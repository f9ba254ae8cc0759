using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// Releases leaked addresses of one node, and, on the first of the living nodes by name, of nodes that are
/// gone, whose empty blocks and affinities it removes too. Call <see cref="Sweep"/> every minute or so; one
/// call at a time.
/// </summary>
/// <param name="evidence">Reads nodes and pods from the API itself, not from a watch that may lag.</param>
public sealed class LeakSweeper(
    IIpamStore store, string node, Func<CancellationToken, Task<LeakEvidence>> evidence, TimeProvider time,
    TimeSpan grace)
{
    private LeakRound _round = LeakRound.First;

    /// <returns>What was released now, and why.</returns>
    public async Task<IReadOnlyList<LeakSuspect>> Sweep(CancellationToken cancel)
    {
        var seen = await evidence(cancel);
        var forGone = seen.Nodes.Order(StringComparer.Ordinal).FirstOrDefault() == node;
        var blocks = await Blocks(forGone, cancel);
        bool IsMine(string owner) => owner == node || (forGone && !seen.Nodes.Contains(owner));
        var allocations = blocks.SelectMany(b => b.Spec.Allocations).Where(a => IsMine(a.Node));
        _round = LeakCollector.Next(_round, allocations, seen, time.GetUtcNow(), grace);
        List<LeakSuspect> released = [];
        if (_round.Due.Count > 0)
        {
            var again = await evidence(cancel);
            foreach (var suspect in _round.Due)
                if (LeakCollector.WhyUnused(suspect.Allocation, again) is not null
                    && await Release(suspect.Allocation, blocks, cancel)) released.Add(suspect);
        }
        if (forGone) await RemoveGone(blocks, seen, cancel);
        return released;
    }

    private async Task<IReadOnlyList<IpamBlock>> Blocks(bool all, CancellationToken cancel)
    {
        if (all) return await store.ListBlocks(null, cancel);
        var own = await store.ListBlocks(IpamObjects.SelectNode(node), cancel);
        var borrowed = await store.ListBlocks(IpamObjects.SelectBorrowed, cancel);
        return [.. own.Concat(borrowed).DistinctBy(b => b.Metadata.Name)];
    }

    private async Task<bool> Release(
        IpamAllocation allocation, IReadOnlyList<IpamBlock> blocks, CancellationToken cancel)
    {
        var name = blocks.First(b => b.Spec.Allocations.Contains(allocation)).Metadata.Name;
        while (await store.GetBlock(name, cancel) is { } block)
        {
            var (spec, outcome) = BlockAllocator.Release(
                block.Spec, allocation.Address, allocation.Handle, allocation.Sequence);
            if (outcome != ReleaseOutcome.Released) return false;
            var written = await store.ReplaceBlock(IpamObjects.With(block, spec), cancel);
            if (written.IsDone) return true;
        }
        return false;
    }

    // Nodes are read after what they may hold: one that comes meanwhile is not taken for gone.
    private async Task RemoveGone(IReadOnlyList<IpamBlock> blocks, LeakEvidence seen, CancellationToken cancel)
    {
        var affinities = await store.ListAffinities(null, cancel);
        if (blocks.All(b => IsThere(b.Spec.Node, seen)) && affinities.All(a => IsThere(a.Spec.Node, seen))) return;
        var listed = await store.ListBlocks(null, cancel);
        var now = await evidence(cancel);
        var kept = listed.Select(b => (b.Spec.Cidr, b.Spec.Node)).ToHashSet();
        // Only what was empty when it was listed: the delete names that version.
        foreach (var block in listed.Where(b => b.Spec.Allocations.Count == 0 && !IsThere(b.Spec.Node, now)))
            if (await store.DeleteBlock(block, cancel) is StoreOutcome.Done or StoreOutcome.NotFound)
                kept.Remove((block.Spec.Cidr, block.Spec.Node));
        foreach (var affinity in affinities.Where(a => !IsThere(a.Spec.Node, now)))
            if (!kept.Contains((affinity.Spec.Cidr, affinity.Spec.Node)))
                await store.DeleteAffinity(affinity, cancel);
    }

    private static bool IsThere(string? owner, LeakEvidence evidence) => owner is not null && evidence.Nodes.Contains(owner);
}
