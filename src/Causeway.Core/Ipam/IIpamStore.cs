using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>What became of a write that was made on a condition.</summary>
public enum StoreOutcome
{
    Done,

    /// <summary>The object is not at the version that the write was made for.</summary>
    Conflict,

    NotFound,

    /// <summary>A create found the name taken.</summary>
    Exists,
}

/// <param name="Value">The object as stored; null unless done.</param>
public readonly record struct StoreResult<T>(StoreOutcome Outcome, T? Value) where T : class
{
    public bool IsDone => Outcome == StoreOutcome.Done;
}

/// <summary>
/// Where blocks and affinities live: the Kubernetes API, or memory in tests. Writes are compare-and-swap on
/// the resourceVersion of the object that is given. What keeps the store from answering is thrown, and then a
/// write may or may not have been done.
/// </summary>
public interface IIpamStore
{
    /// <param name="labelSelector">In string form; null lists all.</param>
    Task<IReadOnlyList<IpamBlock>> ListBlocks(string? labelSelector, CancellationToken cancel);

    Task<IReadOnlyList<BlockAffinity>> ListAffinities(string? labelSelector, CancellationToken cancel);

    Task<IpamBlock?> GetBlock(string name, CancellationToken cancel);

    Task<BlockAffinity?> GetAffinity(string name, CancellationToken cancel);

    Task<StoreResult<IpamBlock>> CreateBlock(IpamBlock block, CancellationToken cancel);

    Task<StoreResult<BlockAffinity>> CreateAffinity(BlockAffinity affinity, CancellationToken cancel);

    Task<StoreResult<IpamBlock>> ReplaceBlock(IpamBlock block, CancellationToken cancel);

    Task<StoreResult<BlockAffinity>> ReplaceAffinity(BlockAffinity affinity, CancellationToken cancel);

    /// <summary>Deletes this version of this object and no other.</summary>
    Task<StoreOutcome> DeleteBlock(IpamBlock block, CancellationToken cancel);

    /// <inheritdoc cref="DeleteBlock"/>
    Task<StoreOutcome> DeleteAffinity(BlockAffinity affinity, CancellationToken cancel);
}
