using Causeway.Core.Cluster;
using Causeway.Core.Ipam;

namespace Causeway.Agent;

/// <summary>
/// A store whose writes are told to the reconciler as soon as they are done: it does not wait for the watch to bring
/// back what this agent wrote itself.
/// </summary>
internal sealed class ObservedIpamStore(IIpamStore store, Reconciler reconciler) : IIpamStore
{
    public Task<IReadOnlyList<IpamBlock>> ListBlocks(string? labelSelector, CancellationToken cancel) =>
        store.ListBlocks(labelSelector, cancel);

    public Task<IReadOnlyList<BlockAffinity>> ListAffinities(string? labelSelector, CancellationToken cancel) =>
        store.ListAffinities(labelSelector, cancel);

    public Task<IpamBlock?> GetBlock(string name, CancellationToken cancel) => store.GetBlock(name, cancel);

    public Task<BlockAffinity?> GetAffinity(string name, CancellationToken cancel) => store.GetAffinity(name, cancel);

    public async Task<StoreResult<IpamBlock>> CreateBlock(IpamBlock block, CancellationToken cancel) =>
        Told(await store.CreateBlock(block, cancel));

    public async Task<StoreResult<BlockAffinity>> CreateAffinity(BlockAffinity affinity, CancellationToken cancel) =>
        Told(await store.CreateAffinity(affinity, cancel));

    public async Task<StoreResult<IpamBlock>> ReplaceBlock(IpamBlock block, CancellationToken cancel) =>
        Told(await store.ReplaceBlock(block, cancel));

    public async Task<StoreResult<BlockAffinity>> ReplaceAffinity(BlockAffinity affinity, CancellationToken cancel) =>
        Told(await store.ReplaceAffinity(affinity, cancel));

    public async Task<StoreOutcome> DeleteBlock(IpamBlock block, CancellationToken cancel)
    {
        var outcome = await store.DeleteBlock(block, cancel);
        if (outcome == StoreOutcome.Done) reconciler.Removed(block);
        return outcome;
    }

    public async Task<StoreOutcome> DeleteAffinity(BlockAffinity affinity, CancellationToken cancel)
    {
        var outcome = await store.DeleteAffinity(affinity, cancel);
        if (outcome == StoreOutcome.Done) reconciler.Removed(affinity);
        return outcome;
    }

    private StoreResult<T> Told<T>(StoreResult<T> result) where T : KubeObject
    {
        if (result is { IsDone: true, Value: { } stored }) reconciler.Wrote(stored);
        return result;
    }
}
