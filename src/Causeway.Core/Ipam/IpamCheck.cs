using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// Pure: everything in which pools, blocks, affinities and pods contradict one another, from both sides: what
/// is allocated and not used, what is used and not allocated, and what is claimed by two.
/// </summary>
public static class IpamCheck
{
    /// <summary>Ordered by object. Empty when all is well.</summary>
    public static IReadOnlyList<IpamProblem> Run(IpamState state)
    {
        var pools = PoolSet.Of(state.Pools);
        List<IpamProblem> problems = [.. pools.Problems];
        problems.AddRange(Blocks(state, pools));
        problems.AddRange(Affinities(state));
        problems.AddRange(Allocations(state));
        problems.AddRange(Pods(state));
        return [.. problems.OrderBy(p => p.Object, StringComparer.Ordinal)
            .ThenBy(p => p.Code, StringComparer.Ordinal)];
    }

    private static IEnumerable<IpamProblem> Blocks(IpamState state, PoolSet pools)
    {
        var seen = new List<(Prefix Cidr, string Name)>();
        foreach (var block in state.Blocks)
        {
            var at = NameOf(block);
            if (!Prefix.TryParse(block.Spec.Cidr, out var cidr))
            {
                yield return new("block-cidr", at, $"spec.cidr '{block.Spec.Cidr}' is not a network",
                    "delete the block once no pod uses it");
                continue;
            }
            foreach (var (other, name) in seen.Where(s => s.Cidr.Overlaps(cidr)))
                yield return new("block-overlap", at, $"{cidr} overlaps {other} of {name}",
                    "drain the node of one of them and delete that block");
            seen.Add((cidr, at));
            if (pools.Holding(cidr) is null)
                yield return new("block-outside-pool", at, $"{cidr} is inside no usable pool",
                    block.Spec.Allocations.Count == 0
                        ? $"kubectl delete ipamblock {block.Metadata.Name}"
                        : "make the pool again, or restart the pods that use it");
            if (block.Spec.Node is { } node && !HasAffinity(state, block, node))
                yield return new("block-without-affinity", at,
                    $"node {node} owns it but has no confirmed affinity to it, so nothing routes it",
                    $"restart Causeway's agent on {node}");
        }
    }

    private static bool HasAffinity(IpamState state, IpamBlock block, string node) =>
        state.Affinities.Any(a =>
        a.Spec.Node == node && a.Spec.Cidr == block.Spec.Cidr && a.Spec.State == BlockAffinitySpec.Confirmed);

    private static IEnumerable<IpamProblem> Affinities(IpamState state)
    {
        foreach (var affinity in state.Affinities)
        {
            var at = "BlockAffinity/" + affinity.Metadata.Name;
            var remove = $"kubectl delete blockaffinity {affinity.Metadata.Name}";
            if (!state.Nodes.Any(n => n.Metadata.Name == affinity.Spec.Node))
            {
                yield return new("affinity-without-node", at, $"node {affinity.Spec.Node} does not exist",
                    "it goes with the node's last leaked address; or " + remove);
                continue;
            }
            var block = state.Blocks.FirstOrDefault(b => b.Spec.Cidr == affinity.Spec.Cidr);
            if (affinity.Spec.State != BlockAffinitySpec.Confirmed) continue;
            if (block is null)
                yield return new(
                    "affinity-without-block", at, $"there is no block {affinity.Spec.Cidr}", remove);
            else if (block.Spec.Node != affinity.Spec.Node)
                yield return new("affinity-of-another", at,
                    $"{NameOf(block)} belongs to {block.Spec.Node ?? "no node"}, not to {affinity.Spec.Node}",
                    remove);
        }
    }

    private static IEnumerable<IpamProblem> Allocations(IpamState state)
    {
        var evidence = LeakEvidence.Of(state.Nodes, state.Pods);
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        foreach (var (block, allocation) in state.Allocations())
        {
            var at = NameOf(block);
            if (Prefix.TryParse(block.Spec.Cidr, out var cidr)
                && !(IpAddress.TryParse(allocation.Address, out var address) && cidr.Contains(address)))
                yield return new(
                    "address-outside-block", at, $"holds {allocation.Address}, which is not in {cidr}",
                    "remove that allocation with kubectl edit");
            if (!owners.TryAdd(allocation.Address, at))
                yield return new("address-twice", at,
                    $"{allocation.Address} is allocated in {owners[allocation.Address]} too",
                    "restart the pods of both, and delete the block that overlaps");
            if (LeakCollector.WhyUnused(allocation, evidence) is { } reason)
                yield return new("address-unused", at,
                    $"{allocation.Address} is allocated to {allocation.Handle}, but {reason}",
                    "it is collected after a grace period; or now: causeway ipam release "
                    + $"{allocation.Address} --handle {allocation.Handle}");
        }
    }

    private static IEnumerable<IpamProblem> Pods(IpamState state)
    {
        var allocated = state.Allocations().DistinctBy(x => x.Allocation.Address)
            .ToDictionary(x => x.Allocation.Address, x => x.Allocation, StringComparer.Ordinal);
        Dictionary<IpAddress, string> users = [];
        foreach (var pod in state.NetworkedPods())
        {
            var name = $"{pod.Metadata.Namespace}/{pod.Metadata.Name}";
            var restart = $"kubectl delete pod -n {pod.Metadata.Namespace} {pod.Metadata.Name}";
            foreach (var address in pod.Addresses())
            {
                if (!users.TryAdd(address, name))
                    yield return new("pods-share-address", "Pod/" + name,
                        $"{address} is also that of pod {users[address]}", restart);
                if (!allocated.TryGetValue(address.ToString(), out var allocation))
                    yield return new("pod-not-allocated", "Pod/" + name,
                        $"it uses {address}, which no block says is allocated", restart);
                else if (allocation.Pod is { } owner && $"{allocation.Namespace}/{owner}" != name)
                    yield return new("pod-not-owner", "Pod/" + name,
                        $"it uses {address}, which is allocated to pod {allocation.Namespace}/{owner}",
                        restart);
            }
        }
    }

    private static string NameOf(IpamBlock block) => "IPAMBlock/" + block.Metadata.Name;
}
