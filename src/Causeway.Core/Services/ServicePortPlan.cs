using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services;

/// <summary>Why a destination of a service has no endpoint to go to from here.</summary>
public enum NoEndpoint
{
    /// <summary>There is one.</summary>
    None,

    /// <summary>No endpoint anywhere: refuse with ICMP port unreachable.</summary>
    Reject,

    /// <summary>Endpoints, but none on this node, under a Local policy: drop in silence.</summary>
    Drop,
}

/// <summary>
/// One port of a service in one family, ready to be programmed on one node. Lists are sorted and free of
/// repetition, so that equal plans are equal.
/// </summary>
public sealed record ServicePortPlan
{
    public required ServicePortKey Key { get; init; }

    public required IpAddress ClusterIp { get; init; }

    public required ushort Port { get; init; }

    /// <summary>0 where there is none.</summary>
    public ushort NodePort { get; init; }

    public ImmutableArray<IpAddress> ExternalIps { get; init; } = [];

    /// <summary>Load balancer addresses at which packets arrive as they are (ipMode VIP).</summary>
    public ImmutableArray<IpAddress> LoadBalancerVips { get; init; } = [];

    /// <summary>Who may use the load balancer's addresses; empty: everyone. Node ports are not guarded.</summary>
    public ImmutableArray<Prefix> SourceRanges { get; init; } = [];

    /// <summary>A source range holds the node itself. A node that has the load balancer's address as its own
    /// speaks to it from that address, so the address must be allowed as a source too.</summary>
    public bool AllowsFromVips { get; init; }

    /// <summary>How long a client keeps its endpoint, in seconds; 0 without session affinity.</summary>
    public int AffinitySeconds { get; init; }

    public bool ExternalLocal { get; init; }

    public bool InternalLocal { get; init; }

    /// <summary>0 where there is none.</summary>
    public ushort HealthCheckNodePort { get; init; }

    /// <summary>Under a Cluster policy; sorted. Empty when no traffic uses that policy.</summary>
    public ImmutableArray<ServiceEndpoint> ClusterEndpoints { get; init; } = [];

    /// <summary>Under a Local policy, or for the health check; sorted. Empty when nothing asks for them.</summary>
    public ImmutableArray<ServiceEndpoint> LocalEndpoints { get; init; } = [];

    /// <summary>Of UDP only: all that pass their checks, chosen or not. New flows go to the chosen ones, but a flow
    /// to any of these may stay where it is. Sorted.</summary>
    public ImmutableArray<ServiceEndpoint> FlowEndpoints { get; init; } = [];

    /// <summary>Whether any node could serve.</summary>
    public bool HasEndpoints { get; init; }

    public TransportProtocol Protocol => Key.Name.Protocol;

    public IpFamily Family => Key.Family;

    /// <summary>By anything else than the cluster IP.</summary>
    public bool IsExternallyAccessible => NodePort != 0 || !ExternalIps.IsEmpty || !LoadBalancerVips.IsEmpty;

    public bool UsesClusterEndpoints => !InternalLocal || IsExternallyAccessible;

    public bool UsesLocalEndpoints => InternalLocal || (ExternalLocal && IsExternallyAccessible);

    /// <summary>Local endpoints that are ready: what the health check counts.</summary>
    public IEnumerable<ServiceEndpoint> HealthyLocalEndpoints => LocalEndpoints.Where(e => e.Ready);

    /// <summary>Whether in-cluster sources that speak to an external address go to all endpoints.</summary>
    public bool ShortCircuits => ExternalLocal && IsExternallyAccessible;

    /// <summary>Where traffic for the cluster IP goes.</summary>
    public ImmutableArray<ServiceEndpoint> InternalEndpoints => InternalLocal ? LocalEndpoints : ClusterEndpoints;

    /// <summary>Where traffic from outside for node port, external IPs and load balancer goes.</summary>
    public ImmutableArray<ServiceEndpoint> ExternalEndpoints => ExternalLocal ? LocalEndpoints : ClusterEndpoints;

    public NoEndpoint InternalRefusal => Refusal(InternalEndpoints);

    public NoEndpoint ExternalRefusal => Refusal(ExternalEndpoints);

    public bool Equals(ServicePortPlan? other) => other is not null
        && Key == other.Key && ClusterIp == other.ClusterIp && Port == other.Port && NodePort == other.NodePort
        && AllowsFromVips == other.AllowsFromVips && AffinitySeconds == other.AffinitySeconds
        && ExternalLocal == other.ExternalLocal && InternalLocal == other.InternalLocal
        && HealthCheckNodePort == other.HealthCheckNodePort && HasEndpoints == other.HasEndpoints
        && ExternalIps.AsSpan().SequenceEqual(other.ExternalIps.AsSpan())
        && LoadBalancerVips.AsSpan().SequenceEqual(other.LoadBalancerVips.AsSpan())
        && SourceRanges.AsSpan().SequenceEqual(other.SourceRanges.AsSpan())
        && ClusterEndpoints.AsSpan().SequenceEqual(other.ClusterEndpoints.AsSpan())
        && LocalEndpoints.AsSpan().SequenceEqual(other.LocalEndpoints.AsSpan())
        && FlowEndpoints.AsSpan().SequenceEqual(other.FlowEndpoints.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Key, ClusterIp, Port, NodePort);

    private NoEndpoint Refusal(ImmutableArray<ServiceEndpoint> endpoints)
    {
        if (!HasEndpoints) return NoEndpoint.Reject;
        return endpoints.IsEmpty ? NoEndpoint.Drop : NoEndpoint.None;
    }
}
