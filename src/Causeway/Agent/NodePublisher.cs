using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Ipam;
using Causeway.Core.Routing;
using Causeway.Kubernetes;

namespace Causeway.Agent;

/// <summary>
/// Publishes this node's place in the network on its Node object, where every other agent reads it, and keeps it
/// true: it looks again whenever something that it depends on changed.
/// </summary>
/// <param name="capture">Links and addresses of this kernel.</param>
/// <param name="tunnelAddresses">Gives this node's tunnel addresses of some families, allocating them the first time;
/// none when the pools have none now.</param>
internal sealed class NodePublisher(
    KubeClient client, string node, Func<DataplaneState> capture,
    Func<IReadOnlyList<IpFamily>, CancellationToken, Task<IReadOnlyList<IpAddress>>> tunnelAddresses, AgentLog log)
{
    private string _lastWait = "";

    /// <summary>Why nothing could be published yet; null once it was.</summary>
    public string? Waiting { get; private set; } = "the node's network is not known yet";

    /// <summary>Looks and, where it differs from what is published, writes. Throws what the API throws.</summary>
    public async Task PublishAsync(IEnumerable<PoolRange> pools, CancellationToken cancel)
    {
        var item = await client.Find(KubeTypes.Nodes, node, cancel: cancel);
        if (item is null)
        {
            Wait($"there is no Node object '{node}'");
            return;
        }
        var network = UnderlayDiscovery.Find(capture(), [.. item.InternalAddresses()], out var reason);
        if (network is null)
        {
            Wait(reason!);
            return;
        }
        IpFamily[] families =
        [
            .. pools.Where(p => Underlay.UsesVxlan(p.Spec.Encapsulation)).Select(p => p.Family).Distinct().Order(),
        ];
        network = network with { Tunnel = families.Length == 0 ? [] : await tunnelAddresses(families, cancel) };
        if (NodeNetwork.Of(item) is not { } published || !Same(published, network)) await WriteAsync(network, cancel);
        Waiting = null;
    }

    private async Task WriteAsync(NodeNetwork network, CancellationToken cancel)
    {
        var annotations = new JsonObject();
        foreach (var (key, value) in network.ToAnnotations()) annotations[key] = value;
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        await client.Patch(KubeTypes.Nodes, node, PatchFormat.Merge, patch, cancel: cancel);
        log.Network($"{network.Device}, MTU {network.Mtu}, {string.Join(", ", network.Underlay)}, "
            + $"tunnel {(network.Tunnel.Count == 0 ? "none" : string.Join(", ", network.Tunnel))}");
    }

    private void Wait(string reason)
    {
        Waiting = reason;
        if (_lastWait == reason) return;
        _lastWait = reason;
        log.Waiting(reason);
    }

    private static bool Same(NodeNetwork a, NodeNetwork b) => a.Device == b.Device && a.Mtu == b.Mtu
        && a.Underlay.SequenceEqual(b.Underlay) && a.Tunnel.SequenceEqual(b.Tunnel);
}
