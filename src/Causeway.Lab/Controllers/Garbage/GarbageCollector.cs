using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Garbage;

/// <summary>The shell around <see cref="OwnershipGraph"/>: what to judge when, and who the owners
/// are.</summary>
internal sealed class GarbageCollector(KubeClient client, ClusterCaches caches)
{
    private static readonly Dictionary<string, ApiResource> Owners = new()
    {
        ["Pod"] = ApiResources.Pods,
        ["ReplicaSet"] = ApiResources.ReplicaSets,
        ["Deployment"] = ApiResources.Deployments,
        ["DaemonSet"] = ApiResources.DaemonSets,
        ["Service"] = ApiResources.Services,
        ["Node"] = ApiResources.Nodes,
    };

    /// <summary>A change of an object concerns itself; its end, those it owned; and that it is owned no more, by its own
    /// end or otherwise, those that waited for it.</summary>
    public void Follow<T>(ObjectCache<T> cache, WorkQueue queue) where T : KubeObject =>
        cache.OnChange((before, now) =>
    {
        var kind = cache.Resource.Kind;
        if (now is not null
            && (now.Metadata.OwnerReferences?.Count > 0 || now.Metadata.DeletionTimestamp is not null))
            queue.Add(Key(kind, now));
        if (before is null) return;
        foreach (var owner in before.Metadata.OwnerReferences ?? [])
            if (now?.Metadata.OwnerReferences?.Any(o => o.Uid == owner.Uid) != true)
                queue.Add($"{owner.Kind}|{before.Metadata.Namespace}|{owner.Name}");
        if (now is not null && now.Metadata.Uid == before.Metadata.Uid
            && before.Metadata.DeletionTimestamp is not null == now.Metadata.DeletionTimestamp is not null) return;
        foreach (var dependent in caches.DependentsOf(before.Metadata.Uid ?? ""))
            queue.Add(Key(dependent.Resource.Kind, dependent.Object));
    });

    public async ValueTask<Reconciliation> ReconcileAsync(string key, CancellationToken cancel)
    {
        var parts = key.Split('|');
        var ns = parts[1].Length == 0 ? null : parts[1];
        if (caches.Find(parts[0], ns, parts[2]) is not { } target) return Reconciliation.Nothing;
        Dictionary<string, OwnedObject> owners = [];
        foreach (var reference in target.Meta.OwnerReferences ?? [])
            if (await FindOwnerAsync(reference, ns, cancel) is { } owner) owners[reference.Uid] = owner;
        return new(OwnershipGraph.Judge(target, owners, caches.DependentsOf(target.Meta.Uid ?? "")));
    }

    private async Task<OwnedObject?> FindOwnerAsync(OwnerReference reference, string? ns,
        CancellationToken cancel)
    {
        // An owner of a kind that is not watched is taken to exist: what cannot be judged is not deleted.
        if (!Owners.TryGetValue(reference.Kind, out var resource)
            || resource.ApiVersion != reference.ApiVersion)
            return new(ApiResources.Pods, new BareObject());
        if (caches.Find(reference.Kind, ns, reference.Name) is { } cached
            && cached.Meta.Uid == reference.Uid) return cached;
        var type = KubeTypes.Of(resource, ObjectJson.Default.BareObject);
        var found = await client.Find(type, reference.Name, resource.Namespaced ? ns : null, cancel);
        return found?.Metadata.Uid == reference.Uid ? new(resource, found!) : null;
    }

    private static string Key(string kind, KubeObject item) =>
        $"{kind}|{item.Metadata.Namespace}|{item.Metadata.Name}";
}
