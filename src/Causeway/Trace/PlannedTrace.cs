using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;
using Causeway.Kubernetes;

namespace Causeway.Trace;

/// <summary>A trace over the plan alone: nothing but the API is read.</summary>
internal static class PlannedTrace
{
    public static async Task<TraceResult> RunAsync(
        TraceRequest request, KubeClient client, CancellationToken cancel)
    {
        ClusterSnapshot cluster;
        try
        {
            cluster = await ClusterReader.ReadAsync(client, cancel);
        }
        catch (KubeException e)
        {
            throw new InputException($"--planned needs the API of the cluster, which does not answer: {e.Message}", e);
        }
        return Of(cluster, request);
    }

    public static TraceResult Of(ClusterSnapshot cluster, TraceRequest request)
    {
        var nodes = cluster.Nodes.ToDictionary(
            n => n.Key, n => (IReadOnlyList<IpAddress>)[.. n.Value.InternalAddresses()], StringComparer.Ordinal);
        var finder = new SubjectFinder(cluster, PlannedWorld.Attachments(cluster), nodes);
        var to = finder.Find(request.To, request.Namespace);
        var result = TraceRun.Of(PlannedWorld.Of(cluster), request, finder.Find(request.From, request.Namespace), to);
        return to.Service is { } service ? ServiceSubject.Judge(cluster, service, result) : result;
    }
}
