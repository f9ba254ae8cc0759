using System.Globalization;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// A store in memory that behaves as the API does: versions count up over all objects, names are unique,
/// writes are compare-and-swap. Hooks around each call let a test order the calls of many nodes, refuse some,
/// or end a node there.
/// </summary>
public sealed class FakeIpamStore : IIpamStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, IpamBlock> _blocks = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, BlockAffinity> _affinities = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Awaited before each call, with its name such as <c>ReplaceBlock</c> and the object's. What it
    /// throws is a loss before the call; <see cref="StoreOutcome.Conflict"/> makes a write fail so.</summary>
    public Func<string, string, ValueTask<StoreOutcome>>? Before { get; set; }

    /// <summary>Awaited after each call was carried out. What it throws is an answer that was lost.</summary>
    public Func<string, string, ValueTask>? After { get; set; }

    public IReadOnlyList<IpamBlock> Blocks
    {
        get { lock (_lock) return [.. _blocks.Values]; }
    }

    public IReadOnlyList<BlockAffinity> Affinities
    {
        get { lock (_lock) return [.. _affinities.Values]; }
    }

    public Task<IReadOnlyList<IpamBlock>> ListBlocks(string? labelSelector, CancellationToken cancel) =>
        Read<IReadOnlyList<IpamBlock>>(
            nameof(ListBlocks), "", () => List(_blocks, labelSelector), cancel);

    public Task<IReadOnlyList<BlockAffinity>> ListAffinities(
        string? labelSelector, CancellationToken cancel) =>
        Read<IReadOnlyList<BlockAffinity>>(
            nameof(ListAffinities), "", () => List(_affinities, labelSelector), cancel);

    public Task<IpamBlock?> GetBlock(string name, CancellationToken cancel) =>
        Read(nameof(GetBlock), name, () => _blocks.GetValueOrDefault(name), cancel);

    public Task<BlockAffinity?> GetAffinity(string name, CancellationToken cancel) =>
        Read(nameof(GetAffinity), name, () => _affinities.GetValueOrDefault(name), cancel);

    public Task<StoreResult<IpamBlock>> CreateBlock(IpamBlock block, CancellationToken cancel) =>
        Write(nameof(CreateBlock), block,
            () => Create(_blocks, block, m => block with { Metadata = m }), cancel);

    public Task<StoreResult<BlockAffinity>> CreateAffinity(
        BlockAffinity affinity, CancellationToken cancel) =>
        Write(nameof(CreateAffinity), affinity,
            () => Create(_affinities, affinity, m => affinity with { Metadata = m }), cancel);

    public Task<StoreResult<IpamBlock>> ReplaceBlock(IpamBlock block, CancellationToken cancel) =>
        Write(nameof(ReplaceBlock), block,
            () => Replace(_blocks, block, m => block with { Metadata = m }), cancel);

    public Task<StoreResult<BlockAffinity>> ReplaceAffinity(
        BlockAffinity affinity, CancellationToken cancel) =>
        Write(nameof(ReplaceAffinity), affinity,
            () => Replace(_affinities, affinity, m => affinity with { Metadata = m }), cancel);

    public async Task<StoreOutcome> DeleteBlock(IpamBlock block, CancellationToken cancel) =>
        (await Write(nameof(DeleteBlock), block, () => Delete(_blocks, block), cancel)).Outcome;

    public async Task<StoreOutcome> DeleteAffinity(BlockAffinity affinity, CancellationToken cancel) =>
        (await Write(nameof(DeleteAffinity), affinity, () => Delete(_affinities, affinity), cancel)).Outcome;

    private static List<T> List<T>(
        SortedDictionary<string, T> objects, string? labelSelector) where T : KubeObject
    {
        var selector = LabelSelector.Parse(labelSelector ?? "");
        return [.. objects.Values.Where(o => selector.Matches(o.Metadata.Labels))];
    }

    private StoreResult<T> Create<T>(SortedDictionary<string, T> objects, T item, Func<ObjectMeta, T> with)
        where T : KubeObject
    {
        if (objects.ContainsKey(item.Metadata.Name)) return new(StoreOutcome.Exists, null);
        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        var stored = with(item.Metadata with { ResourceVersion = version, Uid = "uid-" + version });
        objects.Add(item.Metadata.Name, stored);
        return new(StoreOutcome.Done, stored);
    }

    private StoreResult<T> Replace<T>(SortedDictionary<string, T> objects, T item, Func<ObjectMeta, T> with)
        where T : KubeObject
    {
        if (Check(objects, item) is var check and not StoreOutcome.Done) return new(check, null);
        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        var stored = with(item.Metadata with { ResourceVersion = version });
        objects[item.Metadata.Name] = stored;
        return new(StoreOutcome.Done, stored);
    }

    private StoreResult<T> Delete<T>(SortedDictionary<string, T> objects, T item) where T : KubeObject
    {
        if (Check(objects, item) is var check and not StoreOutcome.Done) return new(check, null);
        _version++;
        objects.Remove(item.Metadata.Name);
        return new(StoreOutcome.Done, item);
    }

    private static StoreOutcome Check<T>(SortedDictionary<string, T> objects, T item) where T : KubeObject
    {
        if (!objects.TryGetValue(item.Metadata.Name, out var known)) return StoreOutcome.NotFound;
        return known.Metadata.ResourceVersion == item.Metadata.ResourceVersion
            && known.Metadata.Uid == item.Metadata.Uid ? StoreOutcome.Done : StoreOutcome.Conflict;
    }

    private async Task<TResult> Read<TResult>(
        string call, string name, Func<TResult> read, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (Before is { } before) await before(call, name);
        TResult result;
        lock (_lock) result = read();
        if (After is { } after) await after(call, name);
        return result;
    }

    private async Task<StoreResult<T>> Write<T>(
        string call, T item, Func<StoreResult<T>> write, CancellationToken cancel) where T : KubeObject
    {
        cancel.ThrowIfCancellationRequested();
        var refused = Before is { } before ? await before(call, item.Metadata.Name) : StoreOutcome.Done;
        if (refused != StoreOutcome.Done) return new(refused, null);
        StoreResult<T> result;
        lock (_lock) result = write();
        if (After is { } after) await after(call, item.Metadata.Name);
        return result;
    }
}
