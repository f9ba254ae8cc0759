using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Events;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Lab.Objects;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet;

/// <summary>What all pods of all nodes share.</summary>
/// <param name="Lifetime">Ends with the kubelet.</param>
internal sealed record KubeletContext(
    KubeletOptions Options, TimeProvider Time, OutputPump Output, PodMounts Mounts, EventRecorder Events,
    PodSources Sources,
    CancellationToken Lifetime)
{
    public static readonly KubeType<PodObject> PodType = KubeTypes.Of(ApiResources.Pods,
        ObjectJson.Default.PodObject);

    public void Problem(string message) => Options.OnProblem?.Invoke("kubelet: " + message);

    public void Tell(PodObject pod, string node, string type, string reason, string message) =>
        Events.Tell(new(ApiResources.Pods, pod, type, reason, message), node);
}
