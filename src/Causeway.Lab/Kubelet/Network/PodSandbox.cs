using System.Collections.Immutable;
using Causeway.Core.Wire.Cni;

namespace Causeway.Lab.Kubelet.Network;

/// <summary>A pod's network: what containers are put into.</summary>
/// <param name="Id">64 hex digits: CNI_CONTAINERID.</param>
/// <param name="NamespacePath">The pod's network namespace, or the node's for a host-network pod.</param>
internal sealed record PodSandbox(string Id, string NamespacePath, ImmutableArray<string> Addresses)
{
    /// <summary>The addresses of the pod's own interface, in the plugins' order.</summary>
    public static ImmutableArray<string> AddressesOf(CniResult result, string ifName)
    {
        var inside = result.Interfaces.Select((device, index) => (device, index))
            .Where(d => d.device.Name == ifName && !string.IsNullOrEmpty(d.device.Sandbox))
            .Select(d => d.index).ToHashSet();
        return
        [
            .. result.Ips
                .Where(ip => ip.Interface is null || inside.Count == 0 || inside.Contains(ip.Interface.Value))
                .Select(ip => ip.Address.Address.ToString()),
        ];
    }
}
