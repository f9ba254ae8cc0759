using Causeway.Lab.Objects;

namespace Causeway.Lab.Scheduling;

/// <summary>A decision: the node, or why there is none.</summary>
public readonly record struct Placement(string? Node, string? Reason);

/// <summary>The scheduler's decision as a pure function.</summary>
public static class PodPlacement
{
    public static Placement Choose(PodObject pod, IReadOnlyCollection<NodeObject> nodes,
        PlacementCounts counts)
    {
        if (nodes.Count == 0) return new(null,
            "0/0 nodes are available: no nodes available to schedule pods.");
        var owner = PlacementCounts.OwnerOf(pod);
        SortedDictionary<string, int> obstacles = new(StringComparer.Ordinal);
        (int Same, int All, string Name)? best = null;
        foreach (var node in nodes)
        {
            var name = node.Metadata.Name;
            if (Obstacle(pod, node, counts.Pods(name)) is { } obstacle)
            {
                obstacles[obstacle] = obstacles.GetValueOrDefault(obstacle) + 1;
                continue;
            }
            var rank = (counts.PodsOf(name, owner), counts.Pods(name), name);
            if (best is not { } b || Compare(rank, b) < 0) best = rank;
        }
        return best is { } found
            ? new(found.Name, null)
            : new(null, $"0/{nodes.Count} nodes are available: "
                + string.Join(", ", obstacles.Select(o => $"{o.Value} {o.Key}")) + ".");
    }

    /// <summary>Why the pod cannot go to the node; null when it can.</summary>
    public static string? Obstacle(PodObject pod, NodeObject node, int podsThere)
    {
        if (UntoleratedTaint(pod.Spec, node) is { } taint)
            return taint.Key == NodeObject.UnschedulableTaint
                ? "node(s) were unschedulable"
                : $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}";
        if (!MatchesSelection(pod.Spec, node)) return "node(s) didn't match Pod's node affinity/selector";
        return podsThere >= node.PodCapacity ? "Too many pods" : null;
    }

    public static Taint? UntoleratedTaint(PodObjectSpec? spec, NodeObject node) =>
        node.EffectiveTaints().FirstOrDefault(
            taint => taint.KeepsPodsAway && !(spec?.Tolerations ?? []).Any(t => t.Tolerates(taint)));

    /// <summary>nodeSelector and required node affinity.</summary>
    public static bool MatchesSelection(PodObjectSpec? spec, NodeObject node)
    {
        foreach (var (key, value) in spec?.NodeSelector ?? Labels.None)
            if (node.Metadata.Labels?.GetValueOrDefault(key) != value) return false;
        return spec?.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.Matches(node)
            ?? true;
    }

    private static int Compare((int Same, int All, string Name) left, (int Same, int All, string Name) right)
    {
        if (left.Same != right.Same) return left.Same.CompareTo(right.Same);
        return left.All != right.All
            ? left.All.CompareTo(right.All)
            : string.CompareOrdinal(left.Name, right.Name);
    }
}
