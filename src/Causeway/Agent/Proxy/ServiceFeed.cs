using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Watching;
using Causeway.Watching;

namespace Causeway.Agent.Proxy;

/// <summary>Follows what services are made of, beside the objects that every agent follows.</summary>
internal sealed class ServiceFeed(
    KubeClient client, string node, ServiceProxy proxy, AgentMetrics metrics, AgentLog log, TimeProvider time)
{
    private readonly Feed _feed = AgentFeeds.Make(client, node, 2, metrics, log, time);

    /// <summary>Ends when everything that the API held at the start has been told.</summary>
    public Task Synced => _feed.Synced;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(
        _feed.Follow(KubeTypes.Services, null, Pass, cancel),
        _feed.Follow(KubeTypes.EndpointSlices, null, Pass, cancel));

    private void Pass<T>(Change<T> change) where T : KubeObject => change.Tell(proxy.Set, proxy.Removed);
}
