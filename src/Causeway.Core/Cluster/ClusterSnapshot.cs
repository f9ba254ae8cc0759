using System.Collections.Immutable;

namespace Causeway.Core.Cluster;

/// <summary>
/// The objects that matter to the network, at one moment: immutable, by name. A plan or a trace is a function of it.
/// </summary>
public sealed record ClusterSnapshot
{
    public static readonly ClusterSnapshot Empty = new();

    public ImmutableSortedDictionary<string, Node> Nodes { get; init; } = Map<Node>();

    public ImmutableSortedDictionary<string, IpPool> Pools { get; init; } = Map<IpPool>();

    public ImmutableSortedDictionary<string, BlockAffinity> Affinities { get; init; } = Map<BlockAffinity>();

    public ImmutableSortedDictionary<string, IpamBlock> Blocks { get; init; } = Map<IpamBlock>();

    /// <summary>By <c>namespace/name</c>. Agents leave it empty; traces need it to name what they meet.</summary>
    public ImmutableSortedDictionary<string, Pod> Pods { get; init; } = Map<Pod>();

    /// <summary>By <c>namespace/name</c>.</summary>
    public ImmutableSortedDictionary<string, Service> Services { get; init; } = Map<Service>();

    /// <summary>By <c>namespace/name</c>.</summary>
    public ImmutableSortedDictionary<string, EndpointSlice> EndpointSlices { get; init; } = Map<EndpointSlice>();

    /// <summary>Agents leave it empty; traces need it to tell what a name means.</summary>
    public ImmutableSortedDictionary<string, Namespace> Namespaces { get; init; } = Map<Namespace>();

    private static ImmutableSortedDictionary<string, T> Map<T>() =>
        ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}
