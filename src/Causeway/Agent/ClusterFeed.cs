using Causeway.Core.Cluster;
using Causeway.Core.Ipam;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Watching;
using Causeway.Watching;

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
    private readonly Feed _feed = AgentFeeds.Make(client, node, 5, metrics, log, time);
    private readonly Dictionary<string, HashSet<string>> _blockFeeds = new(StringComparer.Ordinal);

    /// <summary>Ends when everything that the API held at the start has been told.</summary>
    public Task Synced => _feed.Synced;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(
        _feed.Follow(KubeTypes.Nodes, null, Pass, cancel),
        _feed.Follow(KubeTypes.IpPools, null, Pass, cancel),
        _feed.Follow(KubeTypes.BlockAffinities, null, Pass, cancel),
        // What is not told of these is taken from the kernel.
        _feed.Follow(KubeTypes.IpamBlocks, IpamObjects.SelectNode(node), c => PassBlock("own", c), cancel, fresh: true),
        _feed.Follow(KubeTypes.IpamBlocks, IpamObjects.SelectBorrowed, c => PassBlock("borrowed", c), cancel));

    private void Pass<T>(Change<T> change) where T : KubeObject => change.Tell(set, removed);

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
