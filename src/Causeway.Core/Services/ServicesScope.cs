using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services;

/// <summary>What all services of a node share. Lists are sorted.</summary>
public sealed record ServicesScope
{
    /// <summary>Marks what postrouting must masquerade: the bit that the Kubernetes project's proxy uses.</summary>
    public const uint MasqueradeMark = 0x4000;

    /// <summary>Where pods have their addresses: sources inside are in the cluster. Empty: not known, and then
    /// nothing is masqueraded or short-circuited for where it comes from.</summary>
    public ImmutableArray<Prefix> ClusterCidrs { get; init; } = [];

    /// <summary>Which local addresses answer on node ports; empty: all but loopback.</summary>
    public ImmutableArray<Prefix> NodePortAddresses { get; init; } = [];

    public bool Equals(ServicesScope? other) => other is not null
        && ClusterCidrs.AsSpan().SequenceEqual(other.ClusterCidrs.AsSpan())
        && NodePortAddresses.AsSpan().SequenceEqual(other.NodePortAddresses.AsSpan());

    public override int GetHashCode() => HashCode.Combine(ClusterCidrs.Length, NodePortAddresses.Length);
}
