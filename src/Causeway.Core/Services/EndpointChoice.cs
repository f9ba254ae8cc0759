using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services;

/// <summary>
/// Which endpoints traffic of each policy may use from one node: the Kubernetes project's rules (KEP-1669 for
/// terminating endpoints, KEP-2433 and KEP-4444 for hints).
/// </summary>
internal static class EndpointChoice
{
    /// <param name="endpoints">All of the port, sorted.</param>
    public static ServicePortPlan Apply(
        ServicePortPlan plan, IReadOnlyList<ServiceEndpoint> endpoints, string node, string? zone)
    {
        var local = plan.UsesLocalEndpoints || plan.HealthCheckNodePort != 0;
        return plan with
        {
            ClusterEndpoints = plan.UsesClusterEndpoints ? Cluster(endpoints, node, zone) : [],
            LocalEndpoints = local ? ReadyOrServing([.. endpoints.Where(e => e.IsLocal)]) : [],
            FlowEndpoints = plan.Protocol == TransportProtocol.Udp ? [.. endpoints.Where(e => e.Ready || e.Serving)] : [],
            HasEndpoints = endpoints.Any(e => e.Ready || e.ServesWhileTerminating),
        };
    }

    private static ImmutableArray<ServiceEndpoint> Cluster(
        IReadOnlyList<ServiceEndpoint> endpoints, string node, string? zone)
    {
        var usable = ReadyOrServing(endpoints);
        if (usable.IsEmpty || !usable[0].Ready) return usable;
        return Hinted(usable, e => e.NodeHints, node) ?? Hinted(usable, e => e.ZoneHints, zone) ?? usable;
    }

    /// <summary>Hints count only when every endpoint has one and some are for here; null otherwise.</summary>
    private static ImmutableArray<ServiceEndpoint>? Hinted(
        ImmutableArray<ServiceEndpoint> ready, Func<ServiceEndpoint, IReadOnlySet<string>> hints, string? here)
    {
        if (string.IsNullOrEmpty(here) || ready.Any(e => hints(e).Count == 0)) return null;
        ImmutableArray<ServiceEndpoint> mine = [.. ready.Where(e => hints(e).Contains(here))];
        return mine.IsEmpty ? null : mine;
    }

    /// <summary>Those that are ready or, only when none is, those that still serve while they terminate.</summary>
    private static ImmutableArray<ServiceEndpoint> ReadyOrServing(IReadOnlyList<ServiceEndpoint> endpoints)
    {
        ImmutableArray<ServiceEndpoint> ready = [.. endpoints.Where(e => e.Ready)];
        return ready.IsEmpty ? [.. endpoints.Where(e => e.ServesWhileTerminating)] : ready;
    }
}
