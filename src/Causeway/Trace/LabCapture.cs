using System.Collections.Concurrent;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Causeway.Core.Trace;
using Causeway.Lab.Fabric;
using Causeway.Lab.Nodes;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;

namespace Causeway.Trace;

/// <summary>Reads the namespaces of a lab, from inside its capsule.</summary>
internal sealed class LabCapture(
    IReadOnlyList<string> nodes, IReadOnlyDictionary<string, EndpointRecord> records, ClusterSnapshot cluster)
{
    /// <summary>The capsule's own namespace, where the segments' bridges are.</summary>
    private const string Fabric = "fabric";

    private static readonly (string Name, HostKind Kind)[] Surroundings =
    [
        (FabricLayout.RouterNamespace, HostKind.Router), (FabricLayout.OutsideNamespace, HostKind.Outside),
    ];

    /// <summary>Everything but the pods: nodes, the fabric, the router and what stands outside. In parallel.</summary>
    public IReadOnlyList<Host> Hosts()
    {
        List<(string Name, HostKind Kind, string Path)> places =
        [
            (Fabric, HostKind.Router, NetworkNamespace.Current),
            .. Surroundings.Select(s => (s.Name, s.Kind, $"{NetworkNamespace.Directory}/{s.Name}")),
            .. nodes.Select(n => (n, HostKind.Node, new NodePaths(n).NetworkNamespacePath)),
        ];
        var captured = new ConcurrentBag<Host>();
        Parallel.ForEach(places.Where(p => p.Name == Fabric || File.Exists(p.Path)), place =>
        {
            using var driver = KernelDriver.Open(place.Name == Fabric ? null : place.Path);
            captured.Add(new()
            {
                Name = place.Name, Kind = place.Kind, State = driver.Capture(),
                Namespaces = Numbers(driver, place.Name, places),
                Plan = place.Kind == HostKind.Node ? PlanOf(place.Name) : DataplaneState.Empty,
            });
        });
        return [.. captured.OrderBy(h => h.Name, StringComparer.Ordinal)];
    }

    /// <summary>One pod with a record. A namespace that is gone gives a pod without a device.</summary>
    public Host Pod(string name)
    {
        var record = records[name];
        var attachment = EndpointFiles.AttachmentOf(record);
        DataplaneState state;
        try
        {
            using var driver = KernelDriver.Open(record.Netns);
            state = driver.Capture();
        }
        catch (SystemCallException)
        {
            state = DataplaneState.Empty;
        }
        return new()
        {
            Name = name, Kind = HostKind.Pod, Attachment = attachment, State = state,
            Plan = PodPlan.Compute(attachment, null, PlannedWorld.OriginOf(name)),
        };
    }

    // Wires run between the fabric and all others, and between the router and the outside.
    private static Dictionary<int, string> Numbers(
        KernelDriver driver, string name, IEnumerable<(string Name, HostKind Kind, string Path)> places)
    {
        var numbers = new Dictionary<int, string>();
        foreach (var place in places.Where(p => p.Name != name && (p.Name == Fabric || File.Exists(p.Path))))
        {
            var joined = name == Fabric || place.Name == Fabric
                || (Surroundings.Any(s => s.Name == name) && Surroundings.Any(s => s.Name == place.Name));
            if (!joined) continue;
            using var other = NetworkNamespace.Open(place.Path);
            if (driver.NamespaceId(other) is { } number and >= 0) numbers[number] = place.Name;
        }
        return numbers;
    }

    // Without the API's objects the records still say which routes and devices the node's pods need.
    private DataplaneState PlanOf(string node)
    {
        if (cluster.Nodes.ContainsKey(node)) return NodePlan.Compute(cluster, node);
        var entries = records.Where(r => r.Value.Node == node).SelectMany(r => EndpointFiles.AttachmentOf(r.Value).Addresses
            .SelectMany(a => EndpointPlan.Entries(r.Value.HostDevice, a, PlannedWorld.OriginOf(r.Key))));
        return DataplaneState.Of(entries.DistinctBy(e => e.Key));
    }
}
