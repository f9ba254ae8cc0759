using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <param name="Size">Addresses in the pool.</param>
/// <param name="Blocks">How many of its blocks are claimed.</param>
public sealed record PoolUsage(
    string Name, string Cidr, string Encapsulation, int BlockSize, bool Disabled, UInt128 Size, UInt128 Used,
    UInt128 Free, int Blocks);

/// <param name="Node">Null when no node has the affinity.</param>
/// <param name="Borrowed">Addresses used on other nodes.</param>
public sealed record BlockUsage(
    string Cidr, string? Node, string? Pool, int Size, int Used, int Free, int Borrowed);

/// <summary>Pure: how full pools and blocks are.</summary>
public sealed record IpamUsage(IReadOnlyList<PoolUsage> Pools, IReadOnlyList<BlockUsage> Blocks)
{
    /// <summary>Pools by name; blocks by node, then by address. A pool that cannot be used has no
    /// size.</summary>
    public static IpamUsage Of(IpamState state)
    {
        var set = PoolSet.Of(state.Pools);
        var blocks = state.Blocks
            .Where(b => Prefix.TryParse(b.Spec.Cidr, out _))
            .Select(b => (Block: b, Cidr: Prefix.Parse(b.Spec.Cidr)))
            .OrderBy(b => b.Block.Spec.Node, StringComparer.Ordinal).ThenBy(b => b.Cidr)
            .Select(b => UsageOf(b.Block.Spec, set.Holding(b.Cidr)))
            .ToList();
        return new([.. state.Pools.OrderBy(p => p.Metadata.Name, StringComparer.Ordinal)
            .Select(p => UsageOf(p, set, blocks))], blocks);
    }

    private static BlockUsage UsageOf(IpamBlockSpec spec, PoolRange? pool) => new(
        spec.Cidr, spec.Node, pool?.Name, BlockAllocator.Capacity(spec), spec.Allocations.Count,
        BlockAllocator.Free(spec), spec.Allocations.Count(a => a.Node != spec.Node));

    private static PoolUsage UsageOf(IpPool pool, PoolSet set, List<BlockUsage> blocks)
    {
        var range = set.Ranges.FirstOrDefault(r => r.Name == pool.Metadata.Name);
        var size = range?.Cidr.Count ?? 0;
        var own = blocks.Where(b => b.Pool == pool.Metadata.Name).ToList();
        var used = (UInt128)own.Sum(b => b.Used);
        return new(
            pool.Metadata.Name, pool.Spec.Cidr, WordOf(pool.Spec.Encapsulation),
            range?.BlockLength ?? pool.Spec.BlockSize ?? 0, pool.Spec.Disabled, size, used,
            size > used ? size - used : 0, own.Count);
    }

    /// <summary>As manifests write it.</summary>
    private static string WordOf(Encapsulation encapsulation) => encapsulation switch
    {
        Encapsulation.Vxlan => "VXLAN",
        Encapsulation.VxlanCrossSubnet => "VXLANCrossSubnet",
        Encapsulation.IpIp => "IPIP",
        Encapsulation.IpIpCrossSubnet => "IPIPCrossSubnet",
        _ => "None",
    };
}
