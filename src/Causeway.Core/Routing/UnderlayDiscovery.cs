using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Routing;

/// <summary>Finds a node's place in the network: the device that carries its addresses.</summary>
public static class UnderlayDiscovery
{
    /// <summary>
    /// The device with the first of the node's internal addresses, its MTU, and per family the first internal address
    /// that this device has. Null, with the reason, while no device of this kernel carries such an address.
    /// </summary>
    /// <param name="observed">Links and addresses of the node's kernel.</param>
    /// <param name="internalAddresses">The Node object's addresses of type InternalIP, in order.</param>
    public static NodeNetwork? Find(
        DataplaneState observed, IReadOnlyList<IpAddress> internalAddresses, out string? reason)
    {
        reason = null;
        var addresses = observed.All<LinkAddress>().ToLookup(a => a.Address.Address);
        var device = internalAddresses.SelectMany(a => addresses[a]).FirstOrDefault()?.Device;
        if (device is null || observed.Link(device)?.Mtu is not { } mtu)
        {
            reason = internalAddresses.Count == 0
                ? "the Node object has no address of type InternalIP yet"
                : $"no device here carries the node's internal address {string.Join(" or ", internalAddresses)}";
            return null;
        }
        var underlay = internalAddresses
            .SelectMany(a => addresses[a].Where(l => l.Device == device).Select(l => l.Address))
            .DistinctBy(a => a.Address.Family)
            .ToList();
        return new NodeNetwork(device, mtu, underlay, []);
    }
}
