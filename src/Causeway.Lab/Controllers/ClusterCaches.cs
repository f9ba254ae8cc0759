using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Controllers.Garbage;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers;

/// <summary>The caches that all controllers share.</summary>
internal sealed class ClusterCaches(KubeClient client)
{
    public ObjectCache<PodObject> Pods { get; } =
        new(client, KubeTypes.Of(ApiResources.Pods, ObjectJson.Default.PodObject));

    public ObjectCache<ReplicaSetObject> ReplicaSets { get; } =
        new(client, KubeTypes.Of(ApiResources.ReplicaSets, ObjectJson.Default.ReplicaSetObject));

    public ObjectCache<DeploymentObject> Deployments { get; } =
        new(client, KubeTypes.Of(ApiResources.Deployments, ObjectJson.Default.DeploymentObject));

    public ObjectCache<DaemonSetObject> DaemonSets { get; } =
        new(client, KubeTypes.Of(ApiResources.DaemonSets, ObjectJson.Default.DaemonSetObject));

    public ObjectCache<ServiceObject> Services { get; } =
        new(client, KubeTypes.Of(ApiResources.Services, ObjectJson.Default.ServiceObject));

    public ObjectCache<EndpointSliceObject> EndpointSlices { get; } =
        new(client, KubeTypes.Of(ApiResources.EndpointSlices, ObjectJson.Default.EndpointSliceObject));

    public ObjectCache<NodeObject> Nodes { get; } =
        new(client, KubeTypes.Of(ApiResources.Nodes, ObjectJson.Default.NodeObject));

    public ObjectCache<NamespaceObject> Namespaces { get; } =
        new(client, KubeTypes.Of(ApiResources.Namespaces, ObjectJson.Default.NamespaceObject));

    public Task Synced => Task.WhenAll(
        Pods.Synced, ReplicaSets.Synced, Deployments.Synced, DaemonSets.Synced, Nodes.Synced,
        Namespaces.Synced, Services.Synced, EndpointSlices.Synced);

    public IEnumerable<Task> Run(TimeProvider time, Action<string>? onProblem, CancellationToken cancel) =>
    [
        Pods.RunAsync(time, onProblem, cancel), ReplicaSets.RunAsync(time, onProblem, cancel),
        Deployments.RunAsync(time, onProblem, cancel), DaemonSets.RunAsync(time, onProblem, cancel),
        Services.RunAsync(time, onProblem, cancel), EndpointSlices.RunAsync(time, onProblem, cancel),
        Nodes.RunAsync(time, onProblem, cancel), Namespaces.RunAsync(time, onProblem, cancel),
    ];

    public IEnumerable<PodObject> PodsIn(string? ns) => Pods.All.Where(p => p.Metadata.Namespace == ns);

    /// <summary>The zone of a node; null where it, or its zone, is not known.</summary>
    public string? ZoneOf(string node) =>
        Nodes.Find(node)?.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/zone");

    /// <summary>Everything that may own or be owned, by kind; null for kinds that are not watched.</summary>
    public OwnedObject? Find(string kind, string? ns, string name) => kind switch
    {
        "Pod" => Wrap(Pods, ns, name),
        "ReplicaSet" => Wrap(ReplicaSets, ns, name),
        "Deployment" => Wrap(Deployments, ns, name),
        "DaemonSet" => Wrap(DaemonSets, ns, name),
        "Service" => Wrap(Services, ns, name),
        "EndpointSlice" => Wrap(EndpointSlices, ns, name),
        "Node" => Wrap(Nodes, null, name),
        _ => null,
    };

    /// <summary>Objects that name an owner of this uid.</summary>
    public IReadOnlyList<OwnedObject> DependentsOf(string uid) =>
        [.. Owned(Pods, uid), .. Owned(ReplicaSets, uid), .. Owned(Deployments, uid),
            .. Owned(DaemonSets, uid), .. Owned(EndpointSlices, uid)];

    private static IEnumerable<OwnedObject> Owned<T>(ObjectCache<T> cache, string uid) where T : KubeObject =>
        cache.All.Where(o => o.Metadata.OwnerReferences?.Any(r => r.Uid == uid) == true)
            .Select(o => new OwnedObject(cache.Resource, o));

    private static OwnedObject? Wrap<T>(ObjectCache<T> cache, string? ns, string name) where T : KubeObject =>
        cache.Find(ObjectCache<T>.KeyOf(ns, name)) is { } found ? new(cache.Resource, found) : null;
}
