using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.ReplicaSets;

/// <summary>Keeps the number of a ReplicaSet's pods.</summary>
public static class ReplicaSetReconciler
{
    /// <summary>Pods made or deleted in one run; the rest follows in the next.</summary>
    private const int Burst = 500;

    /// <param name="pods">Those of the ReplicaSet's namespace that it owns or whose labels match its
    /// selector; others are passed over.</param>
    public static Reconciliation Reconcile(ReplicaSetObject set, IEnumerable<PodObject> pods,
        DateTimeOffset now)
    {
        var writes = ImmutableArray.CreateBuilder<ObjectWrite>();
        List<PodObject> active = [];
        var canClaim = set.Metadata.DeletionTimestamp is null;
        foreach (var pod in pods)
        {
            var matches = set.Spec?.Selector?.Matches(pod.Metadata.Labels) == true;
            if (pod.IsControlledBy(set))
            {
                if (matches && pod.IsActive) active.Add(pod);
                else if (!matches && canClaim && !pod.IsDeleting)
                    writes.Add(OwnedObjects.Release(ApiResources.Pods, pod, set.Metadata.Uid!));
            }
            else if (canClaim && matches && pod.IsActive && pod.Metadata.Controller() is null)
            {
                writes.Add(OwnedObjects.Adopt(ApiResources.Pods, pod, ApiResources.ReplicaSets, set));
                active.Add(pod);
            }
        }
        if (canClaim) Scale(set, active, writes);
        var status = Status(set, active, now, out var after);
        if (status != (set.Status ?? new())) writes.Add(StatusPatch(set, status));
        return new(writes.ToImmutable(), after);
    }

    private static void Scale(
        ReplicaSetObject set, List<PodObject> active, ImmutableArray<ObjectWrite>.Builder writes)
    {
        var missing = set.Replicas - active.Count;
        for (var i = 0; i < Math.Min(missing, Burst); i++)
            writes.Add(PodFromTemplate.Create(set.Spec!.Template, ApiResources.ReplicaSets, set));
        foreach (var pod in PodsToDelete.Choose(active, -missing).Take(Burst))
            writes.Add(PodFromTemplate.Delete(pod, ApiResources.ReplicaSets, set));
    }

    private static ReplicaSetObjectStatus Status(
        ReplicaSetObject set, List<PodObject> active, DateTimeOffset now, out TimeSpan? after)
    {
        after = null;
        var available = 0;
        foreach (var pod in active)
        {
            if (pod.IsAvailable(set.Spec?.MinReadySeconds ?? 0, now, out var remaining)) available++;
            else if (remaining < (after ?? TimeSpan.MaxValue)) after = remaining;
        }
        var template = PodTemplate.Read(set.Spec?.Template ?? default).Metadata?.Labels ?? Labels.None;
        return new()
        {
            Replicas = active.Count,
            FullyLabeledReplicas = active.Count(
                p => template.All(l => p.Metadata.Labels?.GetValueOrDefault(l.Key) == l.Value)),
            ReadyReplicas = active.Count(p => p.IsReady),
            AvailableReplicas = available,
            ObservedGeneration = set.Metadata.Generation ?? 0,
        };
    }

    private static ObjectWrite.Patch StatusPatch(ReplicaSetObject set, ReplicaSetObjectStatus status) => new(
        ApiResources.ReplicaSets, set.Metadata.Namespace, set.Metadata.Name,
        new()
        {
            ["metadata"] = new JsonObject { ["uid"] = set.Metadata.Uid },
            ["status"] = JsonSerializer.SerializeToNode(status, ObjectJson.Default.ReplicaSetObjectStatus),
        },
        "status");
}
