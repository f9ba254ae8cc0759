using Causeway.Core.Cluster;
using Causeway.Core.Ipam;

namespace Causeway.Kubernetes.Ipam;

/// <summary>Blocks and affinities as custom resources. The API's own compare-and-swap decides all
/// races.</summary>
public sealed class KubeIpamStore(KubeClient client) : IIpamStore
{
    public Task<IReadOnlyList<IpamBlock>> ListBlocks(string? labelSelector, CancellationToken cancel) =>
        List(KubeTypes.IpamBlocks, labelSelector, cancel);

    public Task<IReadOnlyList<BlockAffinity>> ListAffinities(
        string? labelSelector, CancellationToken cancel) =>
        List(KubeTypes.BlockAffinities, labelSelector, cancel);

    public Task<IpamBlock?> GetBlock(string name, CancellationToken cancel) =>
        client.Find(KubeTypes.IpamBlocks, name, cancel: cancel);

    public Task<BlockAffinity?> GetAffinity(string name, CancellationToken cancel) =>
        client.Find(KubeTypes.BlockAffinities, name, cancel: cancel);

    public Task<StoreResult<IpamBlock>> CreateBlock(IpamBlock block, CancellationToken cancel) =>
        Write(client.Create(KubeTypes.IpamBlocks, block, cancel));

    public Task<StoreResult<BlockAffinity>> CreateAffinity(
        BlockAffinity affinity, CancellationToken cancel) =>
        Write(client.Create(KubeTypes.BlockAffinities, affinity, cancel));

    public Task<StoreResult<IpamBlock>> ReplaceBlock(IpamBlock block, CancellationToken cancel) =>
        Write(client.Replace(KubeTypes.IpamBlocks, block, cancel));

    public Task<StoreResult<BlockAffinity>> ReplaceAffinity(
        BlockAffinity affinity, CancellationToken cancel) =>
        Write(client.Replace(KubeTypes.BlockAffinities, affinity, cancel));

    public Task<StoreOutcome> DeleteBlock(IpamBlock block, CancellationToken cancel) =>
        Delete(KubeTypes.IpamBlocks, block, cancel);

    public Task<StoreOutcome> DeleteAffinity(BlockAffinity affinity, CancellationToken cancel) =>
        Delete(KubeTypes.BlockAffinities, affinity, cancel);

    private async Task<IReadOnlyList<T>> List<T>(
        KubeType<T> type, string? labelSelector, CancellationToken cancel)
    {
        var query = ListQuery.All with { LabelSelector = labelSelector };
        return (await client.List(type, query, cancel: cancel)).Items;
    }

    private static async Task<StoreResult<T>> Write<T>(Task<T> write) where T : class
    {
        try
        {
            return new(StoreOutcome.Done, await write);
        }
        catch (KubeException e) when (OutcomeOf(e) is { } outcome)
        {
            return new(outcome, null);
        }
    }

    private async Task<StoreOutcome> Delete<T>(KubeType<T> type, T item, CancellationToken cancel)
        where T : KubeObject
    {
        var version = new DeleteOptions(item.Metadata.Uid, item.Metadata.ResourceVersion);
        try
        {
            await client.Delete(type, item.Metadata.Name, options: version, cancel: cancel);
            return StoreOutcome.Done;
        }
        catch (KubeException e) when (OutcomeOf(e) is { } outcome)
        {
            return outcome;
        }
    }

    private static StoreOutcome? OutcomeOf(KubeException e) => e switch
    {
        { IsAlreadyExists: true } => StoreOutcome.Exists,
        { IsConflict: true } => StoreOutcome.Conflict,
        { IsNotFound: true } => StoreOutcome.NotFound,
        _ => null,
    };
}
