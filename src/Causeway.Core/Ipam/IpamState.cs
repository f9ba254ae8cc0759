using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>Everything that address management is about, read at one moment.</summary>
public sealed record IpamState(
    IReadOnlyList<IpPool> Pools, IReadOnlyList<IpamBlock> Blocks, IReadOnlyList<BlockAffinity> Affinities,
    IReadOnlyList<Pod> Pods, IReadOnlyList<Node> Nodes)
{
    public IEnumerable<(IpamBlock Block, IpamAllocation Allocation)> Allocations() =>
        Blocks.SelectMany(b => b.Spec.Allocations.Select(a => (b, a)));

    /// <summary>Pods that have, or will have, addresses of their own.</summary>
    public IEnumerable<Pod> NetworkedPods() => Pods.Where(p =>
        !p.Spec.HostNetwork && !p.IsFinished && p.Spec.NodeName is not null);
}
