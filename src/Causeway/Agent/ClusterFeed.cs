using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Causeway.Agent.Health;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Watching;

namespace Causeway.Agent;

/// <summary>
/// Follows the objects that a node's plan is made of: nodes, pools, affinities, this node's blocks, and of the others'
/// blocks those alone from which addresses were borrowed.
/// </summary>
/// <param name="set">Told each object as it is now.</param>
/// <param name="removed">Told each object that is no more.</param>
internal sealed class ClusterFeed(
    KubeClient client, string node, Action<KubeObject> set, Action<KubeObject> removed,
    AgentMetrics metrics, AgentLog log, TimeProvider time)
{
    private const int Feeds = 5;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, HashSet<string>> _blockFeeds = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private int _waiting = Feeds;

    /// <summary>Ends when everything that the API held at the start has been told.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(
        Follow(KubeTypes.Nodes, null, Pass, cancel),
        Follow(KubeTypes.IpPools, null, Pass, cancel),
        Follow(KubeTypes.BlockAffinities, null, Pass, cancel),
        Follow(KubeTypes.IpamBlocks, IpamObjects.SelectNode(node), c => PassBlock("own", c), cancel),
        Follow(KubeTypes.IpamBlocks, IpamObjects.SelectBorrowed, c => PassBlock("borrowed", c), cancel));

    [SuppressMessage("Security", "CA5394", Justification = "jitter, not a secret")]
    private async Task Follow<T>(KubeType<T> type, string? selector, Action<Change<T>> pass, CancellationToken cancel)
        where T : KubeObject
    {
        var options = new ReflectorOptions
        {
            LabelSelector = selector,
            OnProblem = problem =>
            {
                metrics.WatchErrors.Add();
                log.ApiProblem(problem);
            },
        };
        var seed = HashCode.Combine(node, type.Resource.Plural, selector);
        var reflector = new Reflector<T>(client, type, options, time, new Random(seed));
        await reflector.Run(
            change =>
            {
                lock (_gate) pass(change);
                if (change.Kind == ChangeKind.Synced)
                {
                    metrics.Relists.Add();
                    if (Interlocked.Decrement(ref _waiting) == 0) _synced.TrySetResult();
                }
                return ValueTask.CompletedTask;
            },
            cancel);
    }

    private void Pass<T>(Change<T> change) where T : KubeObject
    {
        if (change.New is { } now) set(now);
        else if (change.Old is { } gone) removed(gone);
    }

    // A block may be told by both feeds: it is gone when neither has it.
    private void PassBlock(string feed, Change<IpamBlock> change)
    {
        if (change.Object is not { } block) return;
        var name = block.Metadata.Name;
        if (!_blockFeeds.TryGetValue(name, out var feeds)) _blockFeeds[name] = feeds = [];
        if (change.New is not null)
        {
            feeds.Add(feed);
            set(block);
            return;
        }
        feeds.Remove(feed);
        if (feeds.Count > 0) return;
        _blockFeeds.Remove(name);
        removed(block);
    }
}
