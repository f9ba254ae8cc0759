using Causeway.Core.Addressing;

namespace Causeway.Core.Cluster;

/// <summary>
/// A block of addresses claimed by a node, and who has which (custom resource <c>ipamblocks.causeway.dev</c>,
/// cluster-scoped; named after its cidr: <c>10-244-0-64-26</c>).
/// </summary>
public sealed record IpamBlock : KubeObject
{
    /// <summary>Label: the node whose block it is. Absent when no node has an affinity to it.</summary>
    public const string NodeLabel = ApiResources.Group + "/node";

    /// <summary>Label, <c>true</c> when some address is used on a node other than the block's own.
    /// Agents watch these alone of the blocks that are not theirs.</summary>
    public const string BorrowedLabel = ApiResources.Group + "/borrowed";

    public IpamBlockSpec Spec { get; init; } = new();

    /// <summary>The object name of a block.</summary>
    public static string NameOf(Prefix cidr) =>
        $"{cidr.Address}-{cidr.Length}".Replace('.', '-').Replace("::", "-x-").Replace(':', '-').Trim('-');
}

public sealed record IpamBlockSpec
{
    public string Cidr { get; init; } = "";

    /// <summary>The node with the affinity; null once it was given up while addresses were in use.</summary>
    public string? Node { get; init; }

    /// <summary>Counts up with every change; an allocation remembers the value at which it was made.</summary>
    public long Sequence { get; init; }

    /// <summary>In order of address.</summary>
    public IReadOnlyList<IpamAllocation> Allocations { get; init; } = [];

    /// <summary>Addresses that were used and released, longest idle first. Never-used ones come before them.</summary>
    public IReadOnlyList<string> Released { get; init; } = [];
}

/// <summary>One address in use.</summary>
/// <param name="Handle">What it belongs to: <c>CONTAINER-ID/IFNAME</c> for pods, <c>tunnel/NODE</c>.</param>
/// <param name="Node">Where it is used; differs from the block's node when borrowed.</param>
/// <param name="Sequence">The block's sequence when it was allocated: a release must name it.</param>
/// <param name="Namespace">The pod's; null for tunnel addresses, and where the runtime did not name a pod.</param>
/// <param name="Since">When it was allocated.</param>
public sealed record IpamAllocation(
    string Address, string Handle, string Node, long Sequence,
    string? Namespace = null, string? Pod = null, string? PodUid = null, DateTimeOffset? Since = null);

/// <summary>A node's claim to a block (custom resource <c>blockaffinities.causeway.dev</c>, cluster-scoped;
/// named <c>NODE-BLOCKNAME</c>).</summary>
public sealed record BlockAffinity : KubeObject
{
    public BlockAffinitySpec Spec { get; init; } = new();

    public static string NameOf(string node, Prefix cidr) => $"{node}-{IpamBlock.NameOf(cidr)}";
}

/// <param name="State"><c>pending</c>, <c>confirmed</c> or <c>pendingDeletion</c>. Only confirmed ones are routed.</param>
public sealed record BlockAffinitySpec(string Cidr = "", string Node = "", string State = BlockAffinitySpec.Pending)
{
    public const string Pending = "pending";
    public const string Confirmed = "confirmed";
    public const string PendingDeletion = "pendingDeletion";
}
