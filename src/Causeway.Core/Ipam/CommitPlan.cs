using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// Pure: what a batch of requests makes of the blocks that a node knows. Requests are laid onto the same
/// working copies one after another, so that however many there are, each block is written once.
/// </summary>
internal sealed class CommitPlan(BlockCache cache, IpamView view, string node)
{
    private readonly Dictionary<string, IpamBlockSpec> _changed = new(StringComparer.Ordinal);

    /// <summary>New specs by block name.</summary>
    public IReadOnlyDictionary<string, IpamBlockSpec> Changed => _changed;

    /// <summary>What a handle has in the store, on this node, as far as is known.</summary>
    public IEnumerable<AssignedAddress> Held(string handle) =>
        from cached in cache.All
        from allocation in cached.ByHandle[handle]
        where allocation.Node == node
        let address = IpAddress.Parse(allocation.Address)
        select new AssignedAddress(address, cached.Cidr, allocation, view.Pools.Holding(address));

    /// <summary>What a handle will have on this node once the working copies are written.</summary>
    public IEnumerable<AssignedAddress> Planned(string handle) =>
        from cached in cache.All
        from allocation in Working(cached).Allocations
        where allocation.Handle == handle && allocation.Node == node
        let address = IpAddress.Parse(allocation.Address)
        select new AssignedAddress(address, cached.Cidr, allocation, view.Pools.Holding(address));

    /// <summary>Adds what a request still lacks to the working copies: all of it, or nothing and the first
    /// need that no block has room for.</summary>
    /// <param name="borrow">Needs for which other nodes' blocks may be used.</param>
    /// <param name="touched">Names of the blocks that will change for this request.</param>
    public Need? Assign(
        AssignRequest request, IReadOnlySet<Need> borrow, DateTimeOffset now,
        out IReadOnlyList<string> touched)
    {
        var purpose = new AllocationPurpose(
            request.Handle, node, request.Namespace, request.Pod, request.PodUid, now);
        var held = Held(request.Handle).Select(h => h.Address.Family).ToHashSet();
        Dictionary<string, IpamBlockSpec> tentative = new(StringComparer.Ordinal);
        touched = [];
        foreach (var family in request.Families)
        {
            if (!held.Add(family)) continue;
            var need = new Need(family, request.Tunnel);
            if (!Place(need, borrow.Contains(need), purpose, tentative)) return need;
        }
        foreach (var (name, spec) in tentative) _changed[name] = spec;
        touched = [.. tentative.Keys];
        return null;
    }

    /// <summary>Frees what a handle has on this node.</summary>
    /// <param name="keep">Addresses to leave; null frees all.</param>
    /// <returns>Names of the blocks that will change.</returns>
    public IReadOnlyList<string> Release(string handle, IReadOnlySet<string>? keep)
    {
        List<string> touched = [];
        foreach (var cached in cache.All)
        {
            var spec = Working(cached);
            foreach (var allocation in cached.ByHandle[handle])
            {
                if (allocation.Node != node || keep?.Contains(allocation.Address) == true) continue;
                (spec, _) = BlockAllocator.Release(spec, allocation.Address, handle, allocation.Sequence);
            }
            if (ReferenceEquals(spec, Working(cached))) continue;
            _changed[cached.Name] = spec;
            touched.Add(cached.Name);
        }
        return touched;
    }

    private bool Place(
        Need need, bool borrow, AllocationPurpose purpose, Dictionary<string, IpamBlockSpec> tentative)
    {
        foreach (var pool in need.Pools(view))
        {
            var lent = borrow && !pool.Spec.StrictAffinity ? cache.All.Where(c => !c.IsOwn) : [];
            foreach (var cached in cache.All.Where(c => c.IsOwn).Concat(lent))
            {
                if (!pool.Cidr.Contains(cached.Cidr)) continue;
                var spec = tentative.GetValueOrDefault(cached.Name) ?? Working(cached);
                if (spec.Allocations.Count >= cached.Capacity) continue;
                if (BlockAllocator.Allocate(spec, purpose) is not var (next, _)) continue;
                tentative[cached.Name] = next;
                return true;
            }
        }
        return false;
    }

    private IpamBlockSpec Working(CachedBlock cached) =>
        _changed.GetValueOrDefault(cached.Name) ?? cached.Block.Spec;
}
