using System.Globalization;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.ReplicaSets;

/// <summary>Which pods go first when there are too many: those that serve least.</summary>
public static class PodsToDelete
{
    /// <summary>The annotation by which an owner says what a pod's loss costs.</summary>
    private const string CostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>In order: not bound, Pending, not ready, lower deletion cost, more siblings on the node,
    /// ready for less long, created later; then by name, so that two runs choose alike.</summary>
    public static IEnumerable<PodObject> Choose(IReadOnlyCollection<PodObject> pods, int count)
    {
        if (count <= 0) return [];
        var siblings = pods.CountBy(p => p.Spec?.NodeName ?? "").ToDictionary();
        return pods
            .OrderBy(p => string.IsNullOrEmpty(p.Spec?.NodeName) ? 0 : 1)
            .ThenBy(p => p.Phase == PodPhase.Pending ? 0 : 1)
            .ThenBy(p => p.IsReady ? 1 : 0)
            .ThenBy(Cost)
            .ThenByDescending(p => siblings[p.Spec?.NodeName ?? ""])
            .ThenByDescending(p => p.Condition("Ready")?.LastTransitionTime)
            .ThenByDescending(p => p.Metadata.CreationTimestamp)
            .ThenBy(p => p.Metadata.Name, StringComparer.Ordinal)
            .Take(count);
    }

    private static int Cost(PodObject pod) => int.TryParse(
        pod.Metadata.Annotation(CostAnnotation), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
        out var cost) ? cost : 0;
}
