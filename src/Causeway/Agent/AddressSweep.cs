using Causeway.Core.Ipam;
using Causeway.Kubernetes;

namespace Causeway.Agent;

/// <summary>Now and then looks for addresses that nothing uses any more, and frees them.</summary>
internal sealed class AddressSweep(KubeClient client, IIpamStore store, string node, AgentLog log, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private readonly LeakSweeper _sweeper = new(store, node, cancel => Evidence(client, node, cancel), time, Grace);

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(Interval, time, cancel);
            try
            {
                foreach (var released in await _sweeper.Sweep(cancel))
                    log.Swept(released.Allocation.Address, released.Reason);
            }
            catch (Exception e) when (e is KubeException or IOException)
            {
                log.Failed("looking for leaked addresses", e.Message);
            }
        }
    }

    // An address in use here belongs to a pod that is bound to this node: the other pods prove nothing.
    private static async Task<LeakEvidence> Evidence(KubeClient client, string node, CancellationToken cancel)
    {
        var nodes = await client.List(KubeTypes.Nodes, cancel: cancel);
        var pods = await client.List(
            KubeTypes.Pods, ListQuery.All with { FieldSelector = $"spec.nodeName={node}" }, cancel: cancel);
        return LeakEvidence.Of(nodes.Items, pods.Items);
    }
}
