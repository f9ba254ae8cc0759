using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>What exists, as far as addresses care.</summary>
/// <param name="Nodes">Names of all nodes.</param>
/// <param name="Pods">By <c>namespace/name</c>.</param>
public sealed record LeakEvidence(IReadOnlySet<string> Nodes, IReadOnlyDictionary<string, Pod> Pods)
{
    public static LeakEvidence Of(IEnumerable<Node> nodes, IEnumerable<Pod> pods) => new(
        nodes.Select(n => n.Metadata.Name).ToHashSet(StringComparer.Ordinal),
        pods.ToDictionary(p => $"{p.Metadata.Namespace}/{p.Metadata.Name}", StringComparer.Ordinal));
}

/// <summary>One allocation of one block, told apart from all later ones of the same address.</summary>
public readonly record struct AllocationKey(string Address, string Handle, long Sequence)
{
    public static AllocationKey Of(IpamAllocation allocation) =>
        new(allocation.Address, allocation.Handle, allocation.Sequence);
}

/// <summary>An allocation that nothing seems to use.</summary>
/// <param name="FirstSeen">When it was first found so; it must stay so for the grace period.</param>
public sealed record LeakSuspect(IpamAllocation Allocation, string Reason, DateTimeOffset FirstSeen);

/// <param name="Suspects">To be given to the next round.</param>
/// <param name="Due">Those that have been suspect for the grace period: recheck and release.</param>
public sealed record LeakRound(
    ImmutableDictionary<AllocationKey, LeakSuspect> Suspects, IReadOnlyList<LeakSuspect> Due)
{
    public static readonly LeakRound First = new(ImmutableDictionary<AllocationKey, LeakSuspect>.Empty, []);
}

/// <summary>
/// Pure: which addresses have leaked. A runtime that dies between its ADD and DEL, or a node that never comes
/// back, leaves addresses that no DEL will free. One look proves nothing (the pod may be on its way), so only
/// what is found unused again and again for the grace period is due, and even that is to be checked once more
/// before it is released.
/// </summary>
public static class LeakCollector
{
    /// <summary>A static pod's own uid, by which its node's runtime knows it; what the API shows is its mirror, with
    /// another uid.</summary>
    public const string MirrorAnnotation = "kubernetes.io/config.mirror";

    /// <summary>Why an allocation is not in use; null when it is, or when nobody can tell.</summary>
    public static string? WhyUnused(IpamAllocation allocation, LeakEvidence evidence)
    {
        if (!evidence.Nodes.Contains(allocation.Node)) return $"node {allocation.Node} does not exist";
        if (TunnelHandle.NodeOf(allocation.Handle) is { } owner)
            return owner == allocation.Node
                ? null
                : $"the tunnel of node {owner} is not on {allocation.Node}";
        if (allocation.Pod is null) return null;
        var name = $"{allocation.Namespace}/{allocation.Pod}";
        if (!evidence.Pods.TryGetValue(name, out var pod)) return $"pod {name} does not exist";
        if (allocation.PodUid is { } uid && pod.Metadata.Uid is { } present && uid != present
            && uid != pod.Metadata.Annotation(MirrorAnnotation))
            return $"pod {name} was deleted, and another has its name";
        if (pod.IsFinished) return $"pod {name} has finished";
        if (pod.Spec.NodeName is { } node && node != allocation.Node)
            return $"pod {name} runs on node {node}";
        return pod.Addresses().Any() && IpAddress.TryParse(allocation.Address, out var address)
            && !pod.Addresses().Contains(address)
            ? $"pod {name} has other addresses: {string.Join(", ", pod.Addresses())}"
            : null;
    }

    public static LeakRound Next(
        LeakRound previous, IEnumerable<IpamAllocation> allocations, LeakEvidence evidence,
        DateTimeOffset now, TimeSpan grace)
    {
        var suspects = ImmutableDictionary.CreateBuilder<AllocationKey, LeakSuspect>();
        List<LeakSuspect> due = [];
        foreach (var allocation in allocations)
        {
            if (WhyUnused(allocation, evidence) is not { } reason) continue;
            var key = AllocationKey.Of(allocation);
            var since = previous.Suspects.TryGetValue(key, out var known) ? known.FirstSeen : now;
            var suspect = new LeakSuspect(allocation, reason, since);
            suspects[key] = suspect;
            if (now - since >= grace) due.Add(suspect);
        }
        return new(suspects.ToImmutable(), due);
    }
}
