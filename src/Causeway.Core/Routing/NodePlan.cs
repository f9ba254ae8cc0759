using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Routing;

/// <summary>The planned dataplane of a node, from a snapshot of the API.</summary>
public static class NodePlan
{
    public static DataplaneState Compute(ClusterSnapshot cluster, string node)
    {
        var planner = new NodePlanner(node, static (_, _) => { });
        foreach (var item in cluster.Nodes.Values) planner.Set(item);
        foreach (var item in cluster.Pools.Values) planner.Set(item);
        foreach (var item in cluster.Affinities.Values) planner.Set(item);
        foreach (var item in cluster.Blocks.Values) planner.Set(item);
        return DataplaneState.Of(planner.Entries);
    }
}
