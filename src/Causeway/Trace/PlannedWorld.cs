using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Core.Trace;

namespace Causeway.Trace;

/// <summary>
/// The world as the API's objects will make it: each node's plan, its underlay as its agent published it, and the
/// pods' own namespaces as the plugin builds them. That nodes have a default route is supposed, and that nftables brings
/// services to them: every proxy gives a packet the same ways.
/// </summary>
internal static class PlannedWorld
{
    public static World Of(ClusterSnapshot cluster)
    {
        var pods = Attachments(cluster);
        var byNode = pods.ToLookup(p => p.Value.Node, p => p.Value);
        List<Host> hosts = [];
        foreach (var (name, node) in cluster.Nodes)
            if (NodeNetwork.Of(node) is { } network) hosts.Add(NodeOf(cluster, name, network, byNode[name]));
        foreach (var (name, attachment) in pods)
            if (cluster.Nodes.GetValueOrDefault(attachment.Node) is { } node && NodeNetwork.Of(node) is { } network)
                hosts.Add(PodOf(cluster, name, attachment, network));
        return World.Of(hosts);
    }

    /// <summary>What a node should hold: its plan, and the underlay addresses that it published.</summary>
    public static DataplaneState PlanOf(ClusterSnapshot cluster, string node)
    {
        var plan = NodePlan.Compute(cluster, node);
        if (cluster.Nodes.GetValueOrDefault(node) is not { } item || NodeNetwork.Of(item) is not { } network) return plan;
        var origin = new Origin("Node", node, Field: NodeNetwork.UnderlayAnnotation);
        return network.Underlay.Aggregate(plan, (state, address) => state.With(
            new LinkAddress { Device = network.Device, Address = address, Origin = origin }));
    }

    /// <summary>Where each pod is plugged in, by <c>namespace/name</c>, from the blocks' allocations.</summary>
    public static SortedDictionary<string, PodAttachment> Attachments(ClusterSnapshot cluster)
    {
        var found = new SortedDictionary<string, PodAttachment>(StringComparer.Ordinal);
        foreach (var allocation in cluster.Blocks.Values.SelectMany(b => b.Spec.Allocations))
        {
            if (allocation.Pod is null || !IpAddress.TryParse(allocation.Address, out var address)) continue;
            var name = $"{allocation.Namespace}/{allocation.Pod}";
            var before = found.GetValueOrDefault(name);
            // A pod that is made again may for a moment have two handles; the API's status says which one lives.
            var lives = cluster.Pods.GetValueOrDefault(name)?.Addresses().Contains(address) ?? true;
            if (before is not null && before.HostDevice != EndpointDevice.NameOf(allocation.Handle) && !lives) continue;
            IEnumerable<IpAddress> addresses =
                before is not null && before.HostDevice == EndpointDevice.NameOf(allocation.Handle)
                    ? [.. before.Addresses, address]
                    : [address];
            found[name] = new(allocation.Node, EndpointDevice.NameOf(allocation.Handle),
                allocation.Handle[(allocation.Handle.LastIndexOf('/') + 1)..], [.. addresses.Order()]);
        }
        return found;
    }

    private static Host NodeOf(
        ClusterSnapshot cluster, string name, NodeNetwork network, IEnumerable<PodAttachment> pods)
    {
        var plan = PlanOf(cluster, name);
        var origin = new Origin("Node", name, Field: NodeNetwork.UnderlayAnnotation);
        List<Entry> entries =
        [
            .. plan.Entries,
            .. NftPlan.Tables(ServicesPlan.Compute(cluster, name)),
            new Link { Name = network.Device, Mtu = network.Mtu, Origin = origin },
            .. pods.SelectMany(PodPlan.HostEnd),
        ];
        foreach (var address in network.Underlay)
        {
            entries.Add(new Route
            {
                Destination = Prefix.Default(address.Address.Family), Device = network.Device,
                Metric = uint.MaxValue, Origin = new Origin("Node", name, Field: "its default route (supposed)"),
            });
        }
        return new()
        {
            Name = name, Kind = HostKind.Node, Plan = plan, Planned = true,
            State = KernelImplied.Complete(DataplaneState.Of(entries)),
        };
    }

    private static Host PodOf(ClusterSnapshot cluster, string name, PodAttachment attachment, NodeNetwork network)
    {
        var pool = cluster.Pools.Values.FirstOrDefault(p => Prefix.TryParse(p.Spec.Cidr, out var cidr)
            && attachment.Addresses.Any(cidr.Contains));
        int? mtu = pool is null ? null : Underlay.Mtu(pool.Spec.Encapsulation, network);
        var plan = PodPlan.Compute(attachment, mtu, OriginOf(name));
        return new()
        {
            Name = name, Kind = HostKind.Pod, Attachment = attachment, State = plan, Plan = plan, Planned = true,
        };
    }

    public static Origin OriginOf(string pod)
    {
        var slash = pod.IndexOf('/');
        return new("Pod", pod[(slash + 1)..], pod[..slash]);
    }
}
