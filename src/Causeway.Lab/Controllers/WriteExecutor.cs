using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Events;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers;

/// <summary>Does the writes that controllers ask for, and takes the answers into the caches.</summary>
internal sealed class WriteExecutor(KubeClient client, ClusterCaches caches, EventRecorder events)
{
    private const int Parallel = 8;

    /// <summary>In order, but creations and deletions of pods side by side. Throws
    /// <see cref="KubeException"/> for the first that failed; the rest of that run is left to the
    /// next.</summary>
    public async Task ExecuteAsync(IReadOnlyList<ObjectWrite> writes, CancellationToken cancel)
    {
        for (var i = 0; i < writes.Count;)
        {
            var run = writes.Skip(i).TakeWhile(IsIndependent).ToList();
            if (run.Count > 1)
            {
                await System.Threading.Tasks.Parallel.ForEachAsync(
                    run, new ParallelOptions { MaxDegreeOfParallelism = Parallel,
                    CancellationToken = cancel },
                    async (write, token) => await ExecuteAsync(write, token));
                i += run.Count;
                continue;
            }
            await ExecuteAsync(writes[i++], cancel);
        }
    }

    private static bool IsIndependent(ObjectWrite write) =>
        write.Resource == ApiResources.Pods && write is ObjectWrite.Create or ObjectWrite.Delete;

    private async Task ExecuteAsync(ObjectWrite write, CancellationToken cancel)
    {
        var name = write.Name;
        switch (write)
        {
            case ObjectWrite.Create create:
                try
                {
                    var made = await client.Create(KubeTypes.Tree(write.Resource), create.Body, cancel);
                    name = (string?)made["metadata"]?["name"] ?? name;
                    Learn(write.Resource, made);
                }
                catch (KubeException e) when (e.IsAlreadyExists)
                {
                    return;
                }
                break;
            case ObjectWrite.Patch patch:
                var changed = await client.Patch(
                    KubeTypes.Tree(write.Resource), write.Name, PatchFormat.Merge, patch.Body,
                    write.Namespace,
                    new(patch.Subresource), cancel);
                Learn(write.Resource, changed);
                break;
            case ObjectWrite.Delete delete:
                if (!await DeleteAsync(delete, cancel)) return;
                break;
            case ObjectWrite.Finalize finalize:
                await FinalizeAsync(finalize.Name, cancel);
                break;
        }
        if (write.Event is { } note) events.Tell(note with { Message = note.Message.Replace("{name}",
            name) });
    }

    /// <summary>False when it was gone already.</summary>
    private async Task<bool> DeleteAsync(ObjectWrite.Delete delete, CancellationToken cancel)
    {
        var type = KubeTypes.Tree(delete.Resource);
        try
        {
            await client.Delete(
                type, delete.Name, delete.Namespace,
                new(delete.Uid, GracePeriodSeconds: delete.GraceSeconds,
                    PropagationPolicy: delete.Propagation), cancel);
        }
        catch (KubeException e) when (e.IsNotFound || e.IsConflict)
        {
            return false;
        }
        // Seen as deleting at once: the next run must not delete another in its place.
        if (await client.Find(type, delete.Name, delete.Namespace,
            cancel) is { } left) Learn(delete.Resource, left);
        return true;
    }

    /// <summary>The one write to a subresource that replaces: the namespace without our finalizer.</summary>
    private async Task FinalizeAsync(string name, CancellationToken cancel)
    {
        var type = KubeTypes.Tree(ApiResources.Namespaces);
        // Another may have its name by now.
        if (await client.Find(type, name, cancel: cancel) is not { } current
            || current["metadata"]?["deletionTimestamp"] is null) return;
        if (current["spec"]?["finalizers"] is not JsonArray finalizers) return;
        var left = finalizers.Where(f => (string?)f != NamespaceObject.KubernetesFinalizer)
            .Select(f => f?.DeepClone()).ToArray();
        current["spec"]!["finalizers"] = new JsonArray(left);
        try
        {
            await client.ReplaceSubresource(type, current, "finalize", cancel);
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            // Gone: that was the aim.
        }
    }

    private void Learn(ApiResource resource, JsonObject item)
    {
        if (resource == ApiResources.Pods) Learn(caches.Pods, item, ObjectJson.Default.PodObject);
        else if (resource == ApiResources.ReplicaSets) Learn(caches.ReplicaSets, item,
            ObjectJson.Default.ReplicaSetObject);
        else if (resource == ApiResources.Deployments) Learn(caches.Deployments, item,
            ObjectJson.Default.DeploymentObject);
        else if (resource == ApiResources.DaemonSets) Learn(caches.DaemonSets, item,
            ObjectJson.Default.DaemonSetObject);
        else if (resource == ApiResources.Services) Learn(caches.Services, item,
            ObjectJson.Default.ServiceObject);
        else if (resource == ApiResources.EndpointSlices) Learn(caches.EndpointSlices, item,
            ObjectJson.Default.EndpointSliceObject);
    }

    private static void Learn<T>(ObjectCache<T> cache, JsonObject item, JsonTypeInfo<T> json) where T
        : KubeObject
    {
        if (item.Deserialize(json) is { Metadata.Uid: not null } known) cache.Learn(known);
    }
}
