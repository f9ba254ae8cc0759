using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Trace;
using Causeway.Dns.Asking;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Capsule;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Nodes;

namespace Causeway.Trace;

/// <summary>
/// A trace over what the kernels of a lab hold. The process starts itself again inside the capsule and reads there.
/// </summary>
internal static class LabTrace
{
    private static readonly TimeSpan ApiPatience = TimeSpan.FromSeconds(3);

    /// <param name="again">The command line, to be run again inside.</param>
    public static async Task<TraceResult> RunAsync(
        TraceRequest request, LabDirectory lab, IReadOnlyList<string> again, TimeProvider time, CancellationToken cancel)
    {
        if (CapsuleEntry.Current is null) CapsuleEntry.Enter(lab, again);
        List<string> notes = [];
        var (cluster, corefile) = await ReadObjectsAsync(lab, notes, time, cancel);
        var nodes = lab.ReadConfig()?.NodeNames().ToList() ?? [];
        var records = EndpointFiles.Read(nodes.Select(n => new NodePaths(n).RunDirectory));
        var capture = new LabCapture(nodes, records, cluster);
        var hosts = capture.Hosts();
        var others = hosts.ToDictionary(h => h.Name, AddressesOf, StringComparer.Ordinal);
        var pods = records.ToDictionary(r => r.Key, r => EndpointFiles.AttachmentOf(r.Value), StringComparer.Ordinal);
        var finder = new SubjectFinder(cluster, pods, others);
        var from = finder.Find(request.From, request.Namespace);
        var pod = PodRecord.Read(PodResolving.RecordDirectory, request.FromNamespace, request.From.Name ?? "");
        var resolving = pod is null || from.Refusal is not null || !finder.IsLookedUp(request.To, request.Namespace)
            ? null : PodResolving.Read(pod);
        if (resolving?.LooksUp(cluster, ServiceSubject.Exists(cluster, request.To, request.Namespace)) == false) resolving = null;
        var to = resolving is null ? finder.Find(request.To, request.Namespace) : null;
        var behind = to?.Host is { } known && records.ContainsKey(known) ? [] : Behind(cluster, records.Keys, pods);
        var wanted = new[] { from.Host, to?.Host }.OfType<string>().Concat(behind).Where(records.ContainsKey).Distinct();
        var world = World.Of([.. hosts, .. wanted.Select(capture.Pod)]);
        if (to is null)
        {
            NamedTrace named = new(cluster, new(cluster, corefile), resolving!);
            var lookup = named.Lookup(world, from, request.To.Name!);
            if (NamedTrace.IsToBeAsked(lookup))
                lookup = lookup with { Asked = await AskAsync(pod!, resolving!, request.To.Name!, time, cancel) };
            var found = named.Follow(world, request, finder, from, lookup);
            return found with { Notes = [.. notes, .. found.Notes] };
        }
        var result = TraceRun.Of(world, request, from, to);
        if (to.Service is { } service) result = ServiceSubject.Judge(cluster, service, result);
        return result with { Notes = [.. notes, .. result.Notes] };
    }

    private static Task<AskedLookup> AskAsync(
        PodRecord pod, PodResolving resolving, string name, TimeProvider time, CancellationToken cancel) =>
        new PodResolver(pod.NetworkNamespace, resolving.Conf, time).AskAsync(name, LookupQuery.AddressTypes, cancel);

    // A service or a node's port may lead to any endpoint; without the API to any pod.
    private static IEnumerable<string> Behind(
        ClusterSnapshot cluster, IEnumerable<string> all, Dictionary<string, PodAttachment> pods)
    {
        if (cluster.EndpointSlices.IsEmpty) return cluster.Services.IsEmpty ? all : [];
        var ready = ServiceSubject.Ready(cluster).ToHashSet(StringComparer.Ordinal);
        return pods.Where(p => p.Value.Addresses.Any(a => ready.Contains(a.ToString()))).Select(p => p.Key);
    }

    /// <summary>The objects of a lab, from inside its capsule; none, and a note, when the API does not answer.</summary>
    public static async Task<(ClusterSnapshot Cluster, string? Corefile)> ReadObjectsAsync(
        LabDirectory lab, List<string> notes, TimeProvider time, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(ApiPatience);
        try
        {
            using var client = new KubeClient(KubeConfig.Load(lab.NodeKubeconfig).Access(), time);
            return (
                await ClusterReader.ReadAsync(client, patience.Token),
                await ClusterReader.ReadCorefileAsync(client, patience.Token));
        }
        catch (Exception e) when (e is KubeException or Core.InputException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            notes.Add("the API does not answer, so names and plans are missing: "
                + (e is OperationCanceledException ? $"no answer within {ApiPatience.TotalSeconds} s" : e.Message));
            return (ClusterSnapshot.Empty, null);
        }
    }

    private static IReadOnlyList<IpAddress> AddressesOf(Host host) =>
    [
        .. host.State.All<LinkAddress>()
            .Where(a => a.Scope < Scope.Link && !a.Address.Address.IsLoopback)
            .OrderBy(a => a.Device.StartsWith("eth", StringComparison.Ordinal) ? 0 : 1)
            .ThenBy(a => a.Address.Address).Select(a => a.Address.Address),
    ];
}
