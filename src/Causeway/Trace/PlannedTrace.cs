using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;
using Causeway.Kubernetes;
using Causeway.Lab.Capsule;

namespace Causeway.Trace;

/// <summary>A trace over the plan alone: nothing but the API is read.</summary>
internal static class PlannedTrace
{
    public static async Task<TraceResult> RunAsync(
        TraceRequest request, LabDirectory lab, TimeProvider time, CancellationToken cancel)
    {
        ClusterSnapshot cluster;
        try
        {
            cluster = await ClusterReader.ReadAsync(lab.Kubeconfig, time, cancel);
        }
        catch (KubeException e)
        {
            throw new InputException($"--planned needs the API of lab '{lab.Name}', which does not answer: {e.Message}", e);
        }
        return Of(cluster, request);
    }

    public static TraceResult Of(ClusterSnapshot cluster, TraceRequest request)
    {
        var nodes = cluster.Nodes.ToDictionary(
            n => n.Key, n => (IReadOnlyList<IpAddress>)[.. n.Value.InternalAddresses()], StringComparer.Ordinal);
        var finder = new SubjectFinder(cluster, PlannedWorld.Attachments(cluster), nodes);
        return TraceRun.Of(PlannedWorld.Of(cluster), request,
            finder.Find(request.From, request.Namespace), finder.Find(request.To, request.Namespace));
    }
}
