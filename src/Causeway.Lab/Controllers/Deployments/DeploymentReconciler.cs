using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Events;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Deployments;

/// <summary>Rolls a Deployment's ReplicaSets from what they are to what its template says.</summary>
public static class DeploymentReconciler
{
    /// <param name="sets">ReplicaSets of the namespace; those not owned and not matching are passed
    /// over.</param>
    /// <param name="pods">Pods of the namespace, for Recreate, which waits for the old ones to be
    /// gone.</param>
    public static Reconciliation Reconcile(
        DeploymentObject deployment, IEnumerable<ReplicaSetObject> sets, IEnumerable<PodObject> pods,
        DateTimeOffset now)
    {
        var writes = ImmutableArray.CreateBuilder<ObjectWrite>();
        var rollout = Claim(deployment, sets, writes);
        if (deployment.Metadata.DeletionTimestamp is null)
        {
            Plan(deployment, rollout, pods, writes);
            Trim(deployment, rollout, writes);
        }
        var after = DeploymentStatus.Write(deployment, rollout, now, writes);
        return new(writes.ToImmutable(), after);
    }

    private static Rollout Claim(
        DeploymentObject deployment, IEnumerable<ReplicaSetObject> sets,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        List<ReplicaSetObject> owned = [];
        foreach (var set in sets)
        {
            var matches = deployment.Spec?.Selector?.Matches(set.Metadata.Labels) == true;
            if (set.IsControlledBy(deployment)) owned.Add(set);
            else if (matches && set.Metadata.Controller() is null && set.Metadata.DeletionTimestamp is null
                && deployment.Metadata.DeletionTimestamp is null)
                writes.Add(OwnedObjects.Adopt(ApiResources.ReplicaSets, set, ApiResources.Deployments,
                    deployment));
        }
        return Rollout.Of(deployment, owned);
    }

    private static void Plan(
        DeploymentObject deployment, Rollout rollout, IEnumerable<PodObject> pods,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        if (rollout.HashTaken)
        {
            // Another template met under this hash: the next run takes the next one.
            writes.Add(DeploymentStatus.CountCollision(deployment));
            return;
        }
        if (deployment.Spec?.Paused == true)
        {
            // No rollout, but the newest set there is follows the number of replicas.
            var newest = rollout.New ?? (rollout.Old is [var first, ..] ? first : null);
            if (newest is not null && rollout.All.Count(s => s.Replicas > 0) <= 1)
                Scale(deployment, newest, deployment.Replicas, writes);
            return;
        }
        if (deployment.Spec?.Strategy?.Type == "Recreate") Recreate(deployment, rollout, pods, writes);
        else RollingUpdate(deployment, rollout, writes);
        Revisions.Write(deployment, rollout, writes);
    }

    private static void Recreate(
        DeploymentObject deployment, Rollout rollout, IEnumerable<PodObject> pods,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        foreach (var old in rollout.Old) Scale(deployment, old, 0, writes);
        var oldUids = rollout.Old.Select(s => s.Metadata.Uid).ToHashSet();
        var oldPodsLeft = pods.Any(p => !p.IsFinished && p.Metadata.Controller() is { } c
            && oldUids.Contains(c.Uid));
        var wanted = oldPodsLeft || rollout.Old.Any(s => s.Replicas > 0) ? 0 : deployment.Replicas;
        if (rollout.New is { } current) Scale(deployment, current, wanted, writes);
        else if (!oldPodsLeft) writes.Add(NewReplicaSet.Create(deployment, rollout, wanted));
    }

    private static void RollingUpdate(
        DeploymentObject deployment, Rollout rollout, ImmutableArray<ObjectWrite>.Builder writes)
    {
        var bounds = RolloutBounds.Of(deployment);
        var total = rollout.All.Sum(s => s.Replicas);
        var room = Math.Max(0, deployment.Replicas + bounds.Surge - total);
        if (rollout.New is not { } current)
        {
            writes.Add(NewReplicaSet.Create(deployment, rollout, Math.Min(room, deployment.Replicas)));
            return;
        }
        var wanted = current.Replicas >= deployment.Replicas
            ? deployment.Replicas
            : current.Replicas + Math.Min(room, deployment.Replicas - current.Replicas);
        if (Scale(deployment, current, wanted, writes)) return;
        ScaleOldDown(deployment, rollout, current, bounds, writes);
    }

    private static void ScaleOldDown(
        DeploymentObject deployment, Rollout rollout, ReplicaSetObject current, RolloutBounds bounds,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        var minimum = deployment.Replicas - bounds.Unavailable;
        var newUnavailable = current.Replicas - (current.Status?.AvailableReplicas ?? 0);
        var spare = rollout.All.Sum(s => s.Replicas) - minimum - newUnavailable;
        if (spare <= 0) return;
        var sizes = rollout.Old.ToDictionary(s => s.Metadata.Name, s => s.Replicas);
        // First what is not available anyway, then as many of the rest as may be missing.
        foreach (var old in rollout.Old.Reverse())
        {
            var useless = Math.Min(spare, Math.Max(0, old.Replicas - (old.Status?.AvailableReplicas ?? 0)));
            sizes[old.Metadata.Name] -= useless;
            spare -= useless;
        }
        var available = rollout.All.Sum(s => s.Status?.AvailableReplicas ?? 0);
        spare = Math.Min(spare, available - minimum);
        foreach (var old in rollout.Old.Reverse())
        {
            var count = Math.Clamp(spare, 0, sizes[old.Metadata.Name]);
            sizes[old.Metadata.Name] -= count;
            spare -= count;
        }
        foreach (var old in rollout.Old) Scale(deployment, old, sizes[old.Metadata.Name], writes);
    }

    /// <summary>False when nothing is to change.</summary>
    private static bool Scale(
        DeploymentObject deployment, ReplicaSetObject set, int replicas,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        if (set.Replicas == replicas) return false;
        var direction = replicas > set.Replicas ? "up" : "down";
        writes.Add(new ObjectWrite.Patch(
            ApiResources.ReplicaSets, set.Metadata.Namespace, set.Metadata.Name,
            new()
            {
                ["metadata"] = OwnedObjects.Exactly(set),
                ["spec"] = new JsonObject { ["replicas"] = replicas },
            })
        {
            Event = new(ApiResources.Deployments, deployment, EventNote.Normal, "ScalingReplicaSet",
                $"Scaled {direction} replica set {set.Metadata.Name} from {set.Replicas} to {replicas}"),
        });
        return true;
    }

    /// <summary>Deletes the oldest of the empty old sets beyond the history limit.</summary>
    private static void Trim(
        DeploymentObject deployment, Rollout rollout, ImmutableArray<ObjectWrite>.Builder writes)
    {
        var limit = deployment.Spec?.RevisionHistoryLimit ?? 10;
        var kept = rollout.Old.Where(s => s.Metadata.DeletionTimestamp is null).ToList();
        foreach (var set in kept.Skip(limit))
            if (set.Replicas == 0 && (set.Status?.Replicas ?? 0) == 0
                && (set.Status?.ObservedGeneration ?? 0) >= (set.Metadata.Generation ?? 0))
                writes.Add(new ObjectWrite.Delete(
                    ApiResources.ReplicaSets, set.Metadata.Namespace, set.Metadata.Name,
                    set.Metadata.Uid ?? ""));
    }
}
