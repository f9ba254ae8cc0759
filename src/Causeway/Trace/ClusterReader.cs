using System.Collections.Immutable;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Lookups;
using Causeway.Kubernetes;

namespace Causeway.Trace;

/// <summary>Reads the objects that name what a trace meets and say what should be there.</summary>
internal static class ClusterReader
{
    /// <summary>One snapshot. Throws <see cref="KubeException"/> when the API does not answer.</summary>
    public static async Task<ClusterSnapshot> ReadAsync(KubeClient client, CancellationToken cancel)
    {
        var nodes = client.List(KubeTypes.Nodes, cancel: cancel);
        var pools = client.List(KubeTypes.IpPools, cancel: cancel);
        var blocks = client.List(KubeTypes.IpamBlocks, cancel: cancel);
        var affinities = client.List(KubeTypes.BlockAffinities, cancel: cancel);
        var pods = client.List(KubeTypes.Pods, cancel: cancel);
        var services = Optional(client.List(KubeTypes.Services, cancel: cancel));
        var slices = Optional(client.List(KubeTypes.EndpointSlices, cancel: cancel));
        var namespaces = Optional(client.List(KubeTypes.Namespaces, cancel: cancel));
        return new()
        {
            Nodes = ByName(await nodes),
            Pools = ByName(await pools),
            Blocks = ByName(await blocks),
            Affinities = ByName(await affinities),
            Pods = Map((await pods).Items, p => $"{p.Metadata.Namespace}/{p.Metadata.Name}"),
            Services = Map(await services, s => $"{s.Metadata.Namespace}/{s.Metadata.Name}"),
            Namespaces = Map(await namespaces, n => n.Metadata.Name),
            EndpointSlices = Map(await slices, s => $"{s.Metadata.Namespace}/{s.Metadata.Name}"),
        };
    }

    /// <summary>The DNS servers' configuration; null where there is none, or it may not be read.</summary>
    public static async Task<string?> ReadCorefileAsync(KubeClient client, CancellationToken cancel)
    {
        try
        {
            var map = await client.Get(KubeTypes.ConfigMaps, ClusterDns.ConfigMapName, ClusterDns.Namespace, cancel);
            return map.Data?.GetValueOrDefault(ClusterDns.ConfigKey);
        }
        catch (KubeException e) when (!e.IsUnreachable)
        {
            return null;
        }
    }

    // Without the right to read services a trace between pods is still a trace.
    private static async Task<IReadOnlyList<T>> Optional<T>(Task<KubeList<T>> list) where T : KubeObject
    {
        try
        {
            return (await list).Items;
        }
        catch (KubeException)
        {
            return [];
        }
    }

    private static ImmutableSortedDictionary<string, T> ByName<T>(KubeList<T> list) where T : KubeObject =>
        Map(list.Items, i => i.Metadata.Name);

    private static ImmutableSortedDictionary<string, T> Map<T>(IEnumerable<T> items, Func<T, string> key) =>
        items.ToImmutableSortedDictionary(key, i => i, StringComparer.Ordinal);
}
