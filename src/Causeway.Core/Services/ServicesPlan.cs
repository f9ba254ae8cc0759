using System.Collections.Immutable;
using Causeway.Core.Cluster;

namespace Causeway.Core.Services;

/// <summary>All services as one node should program them.</summary>
public sealed record ServicesPlan(
    ImmutableSortedDictionary<ServicePortKey, ServicePortPlan> Ports, ServicesScope Scope,
    ImmutableArray<ServiceProblem> Problems)
{
    /// <summary>The plan of a whole cluster at once: a planner fed once, so that there is one code path.</summary>
    public static ServicesPlan Compute(ClusterSnapshot cluster, string node)
    {
        ServicesPlanner planner = new(node, (_, _) => { });
        foreach (var pool in cluster.Pools.Values) planner.Set(pool);
        if (cluster.Nodes.TryGetValue(node, out var own)) planner.Set(own);
        foreach (var service in cluster.Services.Values) planner.Set(service);
        foreach (var slice in cluster.EndpointSlices.Values) planner.Set(slice);
        return planner.Plan();
    }
}
