using Causeway.Core.Ipam;
using Causeway.Kubernetes;

namespace Causeway.Ipam;

/// <summary>Reads from the API all that the verbs of <c>causeway ipam</c> look at.</summary>
internal static class IpamReader
{
    public static async Task<IpamState> Read(KubeClient client, CancellationToken cancel)
    {
        // Pods last: an address is allocated before its pod tells it, and freed before its pod goes.
        var pools = client.List(KubeTypes.IpPools, cancel: cancel);
        var nodes = client.List(KubeTypes.Nodes, cancel: cancel);
        var affinities = client.List(KubeTypes.BlockAffinities, cancel: cancel);
        var blocks = client.List(KubeTypes.IpamBlocks, cancel: cancel);
        await Task.WhenAll(pools, nodes, affinities, blocks);
        var pods = await client.List(KubeTypes.Pods, cancel: cancel);
        return new(
            (await pools).Items, (
                await blocks).Items, (await affinities).Items, pods.Items, (await nodes).Items);
    }
}
