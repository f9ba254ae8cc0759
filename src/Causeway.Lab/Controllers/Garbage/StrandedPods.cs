using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Garbage;

/// <summary>Pods that nobody will ever end: bound to a node that is gone, or deleted before they were
/// bound.</summary>
public static class StrandedPods
{
    public static Reconciliation Reconcile(PodObject pod, bool nodeExists)
    {
        var bound = !string.IsNullOrEmpty(pod.Spec?.NodeName);
        var stranded = bound ? !nodeExists : pod.IsDeleting;
        return stranded ? new([Remove(pod)]) : Reconciliation.Nothing;
    }

    private static ObjectWrite.Delete Remove(PodObject pod) => new(
        ApiResources.Pods, pod.Metadata.Namespace, pod.Metadata.Name,
        pod.Metadata.Uid ?? "", GraceSeconds: 0);
}
