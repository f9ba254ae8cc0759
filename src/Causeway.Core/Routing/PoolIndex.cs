using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Routing;

/// <summary>The readable pools, found by address. A pool whose cidr cannot be read takes no part.</summary>
public sealed class PoolIndex
{
    private readonly SortedDictionary<string, (IpPool Pool, Prefix Cidr)> _byName = new(StringComparer.Ordinal);
    private readonly PrefixTrie<IpPool> _byAddress = new();

    /// <summary>By name.</summary>
    public IEnumerable<(IpPool Pool, Prefix Cidr)> All => _byName.Values;

    public void Set(IpPool pool)
    {
        Remove(pool.Metadata.Name);
        if (!Prefix.TryParse(pool.Spec.Cidr, out var cidr)) return;
        _byName[pool.Metadata.Name] = (pool, cidr);
        Index(cidr);
    }

    public void Remove(string name)
    {
        if (!_byName.Remove(name, out var old)) return;
        _byAddress.Remove(old.Cidr);
        Index(old.Cidr);
    }

    /// <summary>The pool that holds an address; of several, the most specific.</summary>
    public IpPool? Of(IpAddress address) => _byAddress.TryMatch(address, out _, out var pool) ? pool : null;

    internal Origin First(IpFamily family) =>
        new("IPPool", All.First(p => p.Cidr.Family == family).Pool.Metadata.Name);

    // Two pools with one cidr are a mistake that is reported elsewhere; here the first by name counts,
    // whichever came last.
    private void Index(Prefix cidr)
    {
        foreach (var (pool, other) in All)
        {
            if (other != cidr) continue;
            _byAddress.Set(cidr, pool);
            return;
        }
    }
}
