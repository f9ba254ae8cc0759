using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Routing;

/// <summary>
/// The planned dataplane of one node, kept up to date object by object. Its state depends on the present objects
/// alone, never on the order in which they came. Not safe for use from several threads.
/// </summary>
/// <param name="node">The node whose kernel is planned.</param>
/// <param name="changed">Told each key whose entry changed, with the new entry or null.</param>
public sealed class NodePlanner(string node, Action<EntryKey, Entry?> changed)
{
    private readonly Contributions _contributions = new(changed);
    private readonly PoolIndex _pools = new();
    private readonly Dictionary<string, NodeNetwork> _networks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BlockAffinity> _affinities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IpamBlock> _blocks = new(StringComparer.Ordinal);

    // Which affinities and blocks to look at again when a node's network changes.
    private readonly Dictionary<string, HashSet<string>> _affinitiesOfNode = new(StringComparer.Ordinal);

    /// <summary>This node's own network; null until its agent published it, and while its Node is away. What its own pods
    /// need is planned also then: they run, whatever becomes of the Node.</summary>
    public NodeNetwork? Local => _networks.GetValueOrDefault(node);

    public PoolIndex Pools => _pools;

    public IEnumerable<Entry> Entries => _contributions.Entries;

    /// <summary>An object as it is now: a Node, IPPool, BlockAffinity or IPAMBlock; others are of no interest.</summary>
    public void Set(KubeObject item)
    {
        switch (item)
        {
            case Node n:
                SetNetwork(n.Metadata.Name, NodeNetwork.Of(n));
                break;
            case IpPool pool:
                _pools.Set(pool);
                PlanAll();
                break;
            case BlockAffinity affinity:
                Forget(_affinities.GetValueOrDefault(affinity.Metadata.Name));
                _affinities[affinity.Metadata.Name] = affinity;
                Group(affinity.Spec.Node).Add(affinity.Metadata.Name);
                PlanAffinity(affinity);
                break;
            case IpamBlock block:
                var before = _blocks.GetValueOrDefault(block.Metadata.Name);
                _blocks[block.Metadata.Name] = block;
                PlanBlock(block, before);
                break;
        }
    }

    /// <summary>An object that is no more.</summary>
    public void Remove(KubeObject item)
    {
        switch (item)
        {
            case Node n:
                SetNetwork(n.Metadata.Name, null);
                break;
            case IpPool pool:
                _pools.Remove(pool.Metadata.Name);
                PlanAll();
                break;
            case BlockAffinity affinity:
                Forget(_affinities.GetValueOrDefault(affinity.Metadata.Name));
                _affinities.Remove(affinity.Metadata.Name);
                _contributions.Remove(Source(affinity));
                break;
            case IpamBlock block:
                if (!_blocks.Remove(block.Metadata.Name, out var known)) break;
                foreach (var allocation in known.Spec.Allocations) _contributions.Remove(Source(known, allocation));
                break;
        }
    }

    /// <summary>An endpoint of this node whose addresses are being written: planned already, until
    /// <see cref="Unexpect"/>.</summary>
    public void Expect(string device, IEnumerable<IpAddress> addresses, Origin? origin) => _contributions.Set(
        Expected(device), addresses.SelectMany(a => EndpointPlan.Entries(device, a, origin)));

    /// <summary>From here on the blocks alone say what this endpoint has.</summary>
    public void Unexpect(string device) => _contributions.Remove(Expected(device));

    private void SetNetwork(string name, NodeNetwork? network)
    {
        if (Same(_networks.GetValueOrDefault(name), network)) return;
        if (network is null) _networks.Remove(name);
        else _networks[name] = network;
        if (name == node) PlanAll();
        else PlanRemote(name);
    }

    private void PlanAll()
    {
        _contributions.Set("local", LocalPlan.Entries(node, Local, _pools));
        foreach (var remote in _networks.Keys.Where(n => n != node)) PlanTunnel(remote);
        foreach (var affinity in _affinities.Values) PlanAffinity(affinity);
        foreach (var block in _blocks.Values) PlanBlock(block, null);
    }

    private void PlanRemote(string remote)
    {
        PlanTunnel(remote);
        foreach (var name in _affinitiesOfNode.GetValueOrDefault(remote, [])) PlanAffinity(_affinities[name]);
        foreach (var block in _blocks.Values.Where(b => b.Spec.Allocations.Any(a => a.Node == remote)))
            PlanBlock(block, null);
    }

    private void PlanTunnel(string remote)
    {
        var wanted = Local is { } local && _networks.TryGetValue(remote, out var network)
            && _pools.All.Any(p => Underlay.UsesVxlan(p.Pool.Spec.Encapsulation))
            ? RemotePlan.Tunnel(local, remote, network)
            : [];
        _contributions.Set("node/" + remote, wanted);
    }

    private void PlanAffinity(BlockAffinity affinity)
    {
        var source = Source(affinity);
        if (affinity.Spec.State != BlockAffinitySpec.Confirmed || !Prefix.TryParse(affinity.Spec.Cidr, out var cidr))
        {
            _contributions.Remove(source);
            return;
        }
        var origin = new Origin("BlockAffinity", affinity.Metadata.Name);
        var route = affinity.Spec.Node == node
            ? Blackhole(cidr, origin)
            : Way(affinity.Spec.Node, cidr, origin);
        _contributions.Set(source, route is null ? [] : [route]);
    }

    /// <param name="before">What was planned of it, and is to be left as it is where it did not change; null plans
    /// all of it anew.</param>
    private void PlanBlock(IpamBlock block, IpamBlock? before)
    {
        var planned = Allocations(before);
        // Who has the block decides over each of its addresses.
        var same = before?.Spec.Node == block.Spec.Node;
        foreach (var (address, allocation) in Allocations(block))
        {
            if (planned.Remove(address, out var was) && same && was == allocation) continue;
            _contributions.Set(Source(block, allocation), AllocationEntries(block, allocation));
        }
        foreach (var gone in planned.Values) _contributions.Remove(Source(block, gone));
    }

    // Of two with the same address, which no writer of ours makes, the first counts.
    private static Dictionary<string, IpamAllocation> Allocations(IpamBlock? block)
    {
        Dictionary<string, IpamAllocation> byAddress = new(StringComparer.Ordinal);
        foreach (var allocation in block?.Spec.Allocations ?? []) byAddress.TryAdd(allocation.Address, allocation);
        return byAddress;
    }

    private IEnumerable<Entry> AllocationEntries(IpamBlock block, IpamAllocation allocation)
    {
        if (!IpAddress.TryParse(allocation.Address, out var address)) return [];
        var origin = allocation.Pod is { } pod
            ? new Origin("Pod", pod, allocation.Namespace)
            : new Origin("IPAMBlock", block.Metadata.Name, Field: $"spec.allocations[{allocation.Address}]");
        if (allocation.Node == node)
        {
            return TunnelHandle.NodeOf(allocation.Handle) is null
                ? EndpointPlan.Entries(EndpointDevice.NameOf(allocation.Handle), address, origin)
                : [];
        }
        return allocation.Node != block.Spec.Node && Way(allocation.Node, address.Host, origin) is { } way ? [way] : [];
    }

    private Route? Way(string remote, Prefix destination, Origin origin) =>
        Local is { } local && _networks.TryGetValue(remote, out var network) && _pools.Of(destination.Address) is { } pool
            ? RemotePlan.Way(local, network, pool.Spec.Encapsulation, destination, origin)
            : null;

    // A packet for an address of this block that no pod has must not follow the default route out and come back.
    // A block of one address has no room for a blackhole beside its pod's route.
    private static Route? Blackhole(Prefix cidr, Origin origin) => cidr.IsHost
        ? null
        : EndpointPlan.Route(cidr, origin) with { Kind = RouteKind.Blackhole };

    private HashSet<string> Group(string name) =>
        _affinitiesOfNode.TryGetValue(name, out var group) ? group : _affinitiesOfNode[name] = [];

    private void Forget(BlockAffinity? old)
    {
        if (old is not null) Group(old.Spec.Node).Remove(old.Metadata.Name);
    }

    private static bool Same(NodeNetwork? a, NodeNetwork? b) => a is null || b is null
        ? a is null && b is null
        : a.ToAnnotations().OrderBy(p => p.Key).SequenceEqual(b.ToAnnotations().OrderBy(p => p.Key));

    private static string Expected(string device) => "expected/" + device;

    private static string Source(BlockAffinity affinity) => "affinity/" + affinity.Metadata.Name;

    private static string Source(IpamBlock block, IpamAllocation allocation) =>
        $"block/{block.Metadata.Name}/{allocation.Address}";
}
