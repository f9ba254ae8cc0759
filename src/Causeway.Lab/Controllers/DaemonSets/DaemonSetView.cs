using Causeway.Lab.Objects;
using Causeway.Lab.Scheduling;

namespace Causeway.Lab.Controllers.DaemonSets;

/// <summary>A DaemonSet's pods against the nodes.</summary>
/// <param name="Hash">Of the present template.</param>
/// <param name="Fitting">Nodes that should run a pod.</param>
/// <param name="Pods">The one pod that counts, per fitting node.</param>
/// <param name="Missing">Fitting nodes without any, terminating ones included: its successor waits for its
/// end.</param>
/// <param name="Surplus">Pods to delete: finished, second on a node, or where they do not belong.</param>
/// <param name="Misscheduled">How many run where they do not belong.</param>
public sealed record DaemonSetView(
    string Hash, IReadOnlyCollection<string> Fitting, IReadOnlyDictionary<string, PodObject> Pods,
    IReadOnlyList<string> Missing, IReadOnlyList<PodObject> Surplus, int Misscheduled)
{
    public bool IsUpToDate(PodObject pod) =>
        pod.Metadata.Labels?.GetValueOrDefault(DaemonSetReconciler.HashLabel) == Hash;

    public static DaemonSetView Of(
        DaemonSetObject set, IEnumerable<PodObject> pods, IReadOnlyCollection<NodeObject> nodes)
    {
        var template = set.Spec?.Template ?? default;
        var spec = WithDaemonTolerations(PodTemplate.Read(template).Spec ?? new());
        var fitting = nodes
            .Where(n => PodPlacement.UntoleratedTaint(spec, n) is null
                && PodPlacement.MatchesSelection(spec, n))
            .Select(n => n.Metadata.Name)
            .ToHashSet();
        SortedDictionary<string, PodObject> counting = new(StringComparer.Ordinal);
        HashSet<string> occupied = [];
        List<PodObject> surplus = [];
        var misscheduled = 0;
        // The oldest pod of a node stays, so that two runs choose alike.
        foreach (var pod in pods.Where(p => p.IsControlledBy(set))
            .OrderBy(p => p.Metadata.CreationTimestamp).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal))
        {
            var node = pod.Spec?.NodeName is { Length: > 0 } bound ? bound : DaemonAffinity.TargetOf(pod);
            if (node is null) continue;
            if (pod.IsDeleting)
            {
                occupied.Add(node);
                continue;
            }
            if (!fitting.Contains(node) || pod.IsFinished || !counting.TryAdd(node, pod))
            {
                surplus.Add(pod);
                if (!fitting.Contains(node) && !pod.IsFinished) misscheduled++;
                else occupied.Add(node);
            }
        }
        var missing = fitting.Where(n => !counting.ContainsKey(n) && !occupied.Contains(n))
            .Order(StringComparer.Ordinal).ToList();
        return new(TemplateHash.Of(template), fitting, counting, missing, surplus, misscheduled);
    }

    private static PodObjectSpec WithDaemonTolerations(PodObjectSpec spec) =>
        spec with { Tolerations = [.. spec.Tolerations ?? [], .. DaemonAffinity.Tolerations] };
}
