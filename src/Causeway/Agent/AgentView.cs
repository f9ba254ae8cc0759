using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Ipam;
using Causeway.Core.Routing;

namespace Causeway.Agent;

/// <summary>What the agent last heard of the objects that it asks about itself: the pools, and its own node.</summary>
internal sealed class AgentView(string node)
{
    private readonly Dictionary<string, IpPool> _pools = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Node? _node;
    private NodeNetwork? _network;
    private IpamView _ipam = new(PoolSet.Empty, null);

    /// <summary>Called, from any thread, when a pool or this node changed.</summary>
    public Action? Changed { get; set; }

    /// <summary>The pools that can be used, and the node's labels.</summary>
    public IpamView Ipam => Volatile.Read(ref _ipam);

    /// <summary>This node's network as published; null before.</summary>
    public NodeNetwork? Network => Volatile.Read(ref _network);

    /// <summary>Whether this news of the kernel may make what this node publishes of its network untrue. Addresses
    /// of other devices come and go with each pod of another network.</summary>
    public bool IsPublishedOf(Entry entry) => entry switch
    {
        LinkAddress address => address.Device == Network?.Device
            || Volatile.Read(ref _node)?.InternalAddresses().Contains(address.Address.Address) == true,
        Link link => Network is { } network && link.Name == network.Device && link.Mtu != network.Mtu,
        _ => false,
    };

    public void Set(KubeObject item)
    {
        lock (_gate)
        {
            if (item is IpPool pool) _pools[pool.Metadata.Name] = pool;
            else if (item is Node own && own.Metadata.Name == node) _node = own;
            else return;
            Refresh();
        }
        Changed?.Invoke();
    }

    public void Removed(KubeObject item)
    {
        lock (_gate)
        {
            if (item is IpPool pool) _pools.Remove(pool.Metadata.Name);
            else if (item is Node own && own.Metadata.Name == node) _node = null;
            else return;
            Refresh();
        }
        Changed?.Invoke();
    }

    /// <summary>The MTU of a pod with addresses from these pools: the least that any of them needs.</summary>
    public static int Mtu(NodeNetwork network, IEnumerable<PoolRange?> pools) => pools
        .Select(p => p is null ? network.Mtu : Underlay.Mtu(p.Spec.Encapsulation, network))
        .Append(network.Mtu).Min();

    private void Refresh()
    {
        Volatile.Write(ref _network, _node is null ? null : NodeNetwork.Of(_node));
        Volatile.Write(ref _ipam, new IpamView(PoolSet.Of(_pools.Values), _node?.Metadata.Labels));
    }
}
