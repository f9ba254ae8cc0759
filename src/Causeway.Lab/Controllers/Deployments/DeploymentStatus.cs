using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Deployments;

/// <summary>What <c>kubectl rollout status</c> reads.</summary>
internal static class DeploymentStatus
{
    private const string Available = "Available";
    private const string Progressing = "Progressing";

    /// <summary>Adds a status write when it changed; says when the rollout's deadline is due.</summary>
    public static TimeSpan? Write(
        DeploymentObject deployment, Rollout rollout, DateTimeOffset now,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        var old = deployment.Status ?? new();
        var status = Count(deployment, rollout);
        var (progressing, after) = Progress(deployment, rollout, old, status, now);
        List<ObjectCondition> conditions = [AvailableNow(deployment, old, status, now)];
        if (progressing is not null) conditions.Add(progressing);
        status = status with { Conditions = conditions };
        if (Text(status) != Text(old)) writes.Add(Patch(deployment, status));
        return after;
    }

    public static ObjectWrite CountCollision(DeploymentObject deployment)
    {
        var status = deployment.Status ?? new();
        return Patch(deployment, status with { CollisionCount = (status.CollisionCount ?? 0) + 1 });
    }

    private static DeploymentObjectStatus Count(DeploymentObject deployment, Rollout rollout)
    {
        var available = rollout.All.Sum(s => s.Status?.AvailableReplicas ?? 0);
        var replicas = rollout.All.Sum(s => s.Status?.Replicas ?? 0);
        return new()
        {
            Replicas = replicas,
            UpdatedReplicas = rollout.New?.Status?.Replicas ?? 0,
            ReadyReplicas = rollout.All.Sum(s => s.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0,
                Math.Max(deployment.Replicas, rollout.All.Sum(s => s.Replicas)) - available),
            ObservedGeneration = deployment.Metadata.Generation ?? 0,
            CollisionCount = deployment.Status?.CollisionCount,
        };
    }

    private static ObjectCondition AvailableNow(
        DeploymentObject deployment, DeploymentObjectStatus old, DeploymentObjectStatus status,
        DateTimeOffset now) =>
        status.AvailableReplicas >= deployment.Replicas - RolloutBounds.Of(deployment).Unavailable
            ? Condition(old, Available, "True", "MinimumReplicasAvailable",
                "Deployment has minimum availability.", now, touch: false)
            : Condition(old, Available, "False", "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.", now, touch: false);

    private static (ObjectCondition? Condition, TimeSpan? After) Progress(
        DeploymentObject deployment, Rollout rollout, DeploymentObjectStatus old,
        DeploymentObjectStatus status,
        DateTimeOffset now)
    {
        var name = rollout.New?.Metadata.Name ?? NewReplicaSet.NameOf(deployment, rollout.Hash);
        if (deployment.Spec?.Paused == true)
            return (Condition(old, Progressing, "Unknown", "DeploymentPaused", "Deployment is paused", now,
                false), null);
        var complete = rollout.New is not null && status.UpdatedReplicas == deployment.Replicas
            && status.Replicas == deployment.Replicas && status.AvailableReplicas == deployment.Replicas;
        if (complete)
            return (Condition(old, Progressing, "True", "NewReplicaSetAvailable",
                $"ReplicaSet \"{name}\" has successfully progressed.", now, false), null);
        var before = old.Conditions?.FirstOrDefault(c => c.Type == Progressing);
        if (rollout.New is null)
            return (Condition(old, Progressing, "True", "NewReplicaSetCreated",
                $"Created new replica set \"{name}\"", now, true), null);
        var moved = status.UpdatedReplicas > old.UpdatedReplicas
            || status.Replicas - status.UpdatedReplicas < old.Replicas - old.UpdatedReplicas
            || status.ReadyReplicas > old.ReadyReplicas || status.AvailableReplicas > old.AvailableReplicas;
        // A finished rollout that lost pods is not a rollout that makes no progress.
        if (before is null || moved || before.Reason is "DeploymentPaused")
            return (Condition(old, Progressing, "True", "ReplicaSetUpdated",
                $"ReplicaSet \"{name}\" is progressing.", now, true), Deadline(deployment));
        if (before.Reason == "NewReplicaSetAvailable" || before.Reason == "ProgressDeadlineExceeded")
            return (before, null);
        var left = (before.LastUpdateTime ?? now) + Deadline(deployment) - now;
        return left > TimeSpan.Zero
            ? (before, left)
            : (Condition(old, Progressing, "False", "ProgressDeadlineExceeded",
                $"ReplicaSet \"{name}\" has timed out progressing.", now, true), null);
    }

    private static TimeSpan Deadline(DeploymentObject deployment) =>
        TimeSpan.FromSeconds(deployment.Spec?.ProgressDeadlineSeconds ?? 600);

    /// <param name="touch">Whether the update time moves though nothing else changes.</param>
    private static ObjectCondition Condition(
        DeploymentObjectStatus old, string type, string status, string reason, string message,
        DateTimeOffset now,
        bool touch)
    {
        now = new(now.Ticks - now.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
        var before = old.Conditions?.FirstOrDefault(c => c.Type == type);
        var same = before is not null && before.Status == status && before.Reason == reason
            && before.Message == message;
        if (same && !touch) return before!;
        return new()
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastUpdateTime = now,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime ?? now : now,
        };
    }

    private static ObjectWrite.Patch Patch(DeploymentObject deployment, DeploymentObjectStatus status) => new(
        ApiResources.Deployments, deployment.Metadata.Namespace, deployment.Metadata.Name,
        new()
        {
            ["metadata"] = new JsonObject { ["uid"] = deployment.Metadata.Uid },
            ["status"] = JsonSerializer.SerializeToNode(status, ObjectJson.Default.DeploymentObjectStatus),
        },
        "status");

    private static string Text(DeploymentObjectStatus status) =>
        JsonSerializer.Serialize(status, ObjectJson.Default.DeploymentObjectStatus);
}
