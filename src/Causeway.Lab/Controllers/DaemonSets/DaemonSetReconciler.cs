using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Events;
using Causeway.Lab.Controllers.Deployments;
using Causeway.Lab.Objects;
using Causeway.Lab.Scheduling;

namespace Causeway.Lab.Controllers.DaemonSets;

/// <summary>Keeps one pod of a DaemonSet on every node that fits.</summary>
public static class DaemonSetReconciler
{
    public const string HashLabel = "controller-revision-hash";

    /// <param name="pods">Those of the namespace; only owned ones count.</param>
    public static Reconciliation Reconcile(
        DaemonSetObject set, IEnumerable<PodObject> pods, IReadOnlyCollection<NodeObject> nodes,
        DateTimeOffset now)
    {
        var writes = ImmutableArray.CreateBuilder<ObjectWrite>();
        var view = DaemonSetView.Of(set, pods, nodes);
        if (set.Metadata.DeletionTimestamp is null)
        {
            foreach (var node in view.Missing) writes.Add(Create(set, view.Hash, node));
            foreach (var pod in view.Surplus)
                writes.Add(PodFromTemplate.Delete(pod, ApiResources.DaemonSets, set));
            if (set.Spec?.UpdateStrategy?.Type != "OnDelete") Roll(set, view, now, writes);
        }
        var status = Status(set, view, now, out var after);
        if (status != (set.Status ?? new())) writes.Add(StatusPatch(set, status));
        return new(writes.ToImmutable(), after);
    }

    /// <summary>Replaces pods of older templates, the unavailable first, as many as may be missing at
    /// once.</summary>
    private static void Roll(
        DaemonSetObject set, DaemonSetView view, DateTimeOffset now,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        var allowed = Math.Max(1, RolloutBounds.Resolve(
            set.Spec?.UpdateStrategy?.RollingUpdate?.MaxUnavailable, view.Fitting.Count, "1", up: true));
        var unavailable = view.Fitting.Count - view.Pods.Count(p => Available(set, p.Value, now, out _));
        var budget = allowed - unavailable;
        foreach (var (_, pod) in view.Pods.Where(p => !view.IsUpToDate(p.Value)))
        {
            var serves = Available(set, pod, now, out _);
            if (serves && budget-- <= 0) continue;
            writes.Add(PodFromTemplate.Delete(pod, ApiResources.DaemonSets, set));
        }
    }

    private static bool Available(DaemonSetObject set, PodObject pod, DateTimeOffset now,
        out TimeSpan? remaining) =>
        pod.IsAvailable(set.Spec?.MinReadySeconds ?? 0, now, out remaining);

    /// <summary>A pod that only its node suits, with the tolerations that daemons have.</summary>
    private static ObjectWrite.Create Create(DaemonSetObject set, string hash, string node)
    {
        var create = PodFromTemplate.Create(set.Spec!.Template, ApiResources.DaemonSets, set);
        var metadata = (JsonObject)create.Body["metadata"]!;
        if (metadata["labels"] is not JsonObject labels) metadata["labels"] = labels = [];
        labels[HashLabel] = hash;
        var spec = (JsonObject)create.Body["spec"]!;
        spec["affinity"] = DaemonAffinity.OnNode(spec["affinity"] as JsonObject, node);
        if (spec["tolerations"] is not JsonArray tolerations) spec["tolerations"] = tolerations = [];
        foreach (var toleration in DaemonAffinity.Tolerations)
            tolerations.Add(JsonSerializer.SerializeToNode(toleration, ObjectJson.Default.Toleration));
        return create;
    }

    private static DaemonSetObjectStatus Status(
        DaemonSetObject set, DaemonSetView view, DateTimeOffset now, out TimeSpan? after)
    {
        after = null;
        var available = 0;
        foreach (var pod in view.Pods.Values)
        {
            if (Available(set, pod, now, out var remaining)) available++;
            else if (remaining < (after ?? TimeSpan.MaxValue)) after = remaining;
        }
        return new()
        {
            DesiredNumberScheduled = view.Fitting.Count,
            CurrentNumberScheduled = view.Pods.Count,
            NumberMisscheduled = view.Misscheduled,
            NumberReady = view.Pods.Values.Count(p => p.IsReady),
            NumberAvailable = available,
            NumberUnavailable = view.Fitting.Count - available,
            UpdatedNumberScheduled = view.Pods.Values.Count(view.IsUpToDate),
            ObservedGeneration = set.Metadata.Generation ?? 0,
        };
    }

    private static ObjectWrite.Patch StatusPatch(DaemonSetObject set, DaemonSetObjectStatus status) => new(
        ApiResources.DaemonSets, set.Metadata.Namespace, set.Metadata.Name,
        new()
        {
            ["metadata"] = new JsonObject { ["uid"] = set.Metadata.Uid },
            ["status"] = JsonSerializer.SerializeToNode(status, ObjectJson.Default.DaemonSetObjectStatus),
        },
        "status");
}
