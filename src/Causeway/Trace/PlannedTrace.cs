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
        try
        {
            return Of(await ClusterReader.ReadAsync(client, cancel), request, await ClusterReader.ReadCorefileAsync(client, cancel));
        }
        catch (KubeException e)
        {
            throw new InputException($"--planned needs the API of the cluster, which does not answer: {e.Message}", e);
        }
    }

    /// <param name="corefile">The DNS servers' configuration; null where there is none.</param>
    public static TraceResult Of(ClusterSnapshot cluster, TraceRequest request, string? corefile = null)
    {
        var nodes = cluster.Nodes.ToDictionary(
            n => n.Key, n => (IReadOnlyList<IpAddress>)[.. n.Value.InternalAddresses()], StringComparer.Ordinal);
        var finder = new SubjectFinder(cluster, PlannedWorld.Attachments(cluster), nodes);
        var from = finder.Find(request.From, request.Namespace);
        var world = PlannedWorld.Of(cluster);
        if (finder.IsLookedUp(request.To, request.Namespace)
            && cluster.Pods.GetValueOrDefault($"{request.FromNamespace}/{request.From.Name}") is { } pod && from.Refusal is null
            && PodResolving.Planned(cluster, pod) is { } resolving)
        {
            NamedTrace named = new(cluster, new(cluster, corefile), resolving);
            return named.Follow(world, request, finder, from, named.Lookup(world, from, request.To.Name!));
        }
        var to = finder.Find(request.To, request.Namespace);
        var result = TraceRun.Of(world, request, from, to);
        return to.Service is { } service ? ServiceSubject.Judge(cluster, service, result) : result;
    }
}
