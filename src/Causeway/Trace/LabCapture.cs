using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Causeway.Core.Trace;
using Causeway.Lab.Fabric;
using Causeway.Lab.Nodes;
using Causeway.Linux.Namespaces;

namespace Causeway.Trace;

/// <summary>Reads the namespaces of a lab, from inside its capsule.</summary>
internal sealed class LabCapture(
    IReadOnlyList<string> nodes, IReadOnlyDictionary<string, EndpointRecord> records, ClusterSnapshot cluster)
{
    /// <summary>The capsule's own namespace, where the segments' bridges are.</summary>
    private const string Fabric = "fabric";

    /// <summary>Everything but the pods: nodes, the fabric, the router and what stands outside.</summary>
    public IReadOnlyList<Host> Hosts()
    {
        List<CapturePlace> places =
        [
            new(FabricLayout.RouterNamespace, HostKind.Router, Named(FabricLayout.RouterNamespace)),
            new(FabricLayout.OutsideNamespace, HostKind.Outside, Named(FabricLayout.OutsideNamespace)),
            .. nodes.Select(n => new CapturePlace(n, HostKind.Node, new NodePaths(n).NetworkNamespacePath)),
        ];
        return WorldCapture.Hosts(
            [new(Fabric, HostKind.Router, NetworkNamespace.Current), .. places.Where(p => File.Exists(p.Path))], PlanOf);
    }

    /// <summary>One pod that has a record.</summary>
    public Host Pod(string name) => WorldCapture.Pod(name, records[name]);

    private static string Named(string name) => $"{NetworkNamespace.Directory}/{name}";

    // Without the API's objects the records still say which routes and devices the node's pods need.
    private DataplaneState PlanOf(string node)
    {
        if (cluster.Nodes.ContainsKey(node)) return PlannedWorld.PlanOf(cluster, node);
        var entries = records.Where(r => r.Value.Node == node).SelectMany(r => EndpointFiles.AttachmentOf(r.Value).Addresses
            .SelectMany(a => EndpointPlan.Entries(r.Value.HostDevice, a, PlannedWorld.OriginOf(r.Key))));
        return DataplaneState.Of(entries.DistinctBy(e => e.Key));
    }
}
