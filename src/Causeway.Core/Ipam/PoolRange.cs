using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>A pool whose fields have been read and found good.</summary>
/// <param name="BlockLength">Prefix length of its blocks.</param>
/// <param name="Nodes">The nodes that may take addresses from it.</param>
public sealed record PoolRange(
    string Name, Prefix Cidr, int BlockLength, LabelSelector Nodes, IpPoolSpec Spec)
{
    public IpFamily Family => Cidr.Family;

    /// <summary>Addresses in one block.</summary>
    public int BlockCapacity => 1 << (Family.Bits - BlockLength);

    public UInt128 BlockCount => UInt128.One << (BlockLength - Cidr.Length);

    public Prefix Block(UInt128 index) =>
        Prefix.Of(Cidr.Address.Add(index << (Family.Bits - BlockLength)), BlockLength);

    /// <summary>The block that holds an address of this pool.</summary>
    public Prefix BlockOf(IpAddress address) => Prefix.Of(address, BlockLength);

    /// <summary>New addresses may come from here for a node with these labels.</summary>
    public bool Serves(IReadOnlyDictionary<string, string>? nodeLabels) =>
        !Spec.Disabled && Nodes.Matches(nodeLabels);

    /// <summary>
    /// Every block of the pool once, in the order in which a node tries to claim them: around the ring from a
    /// place that its name gives, so that nodes that race seldom meet, and the same node always goes the same
    /// way.
    /// </summary>
    public IEnumerable<Prefix> ClaimOrder(string node)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}/{node}"), hash);
        return From(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    private IEnumerable<Prefix> From(UInt128 start)
    {
        // The count is a power of two.
        var mask = BlockCount - 1;
        for (UInt128 i = 0; i < BlockCount; i++) yield return Block(start + i & mask);
    }
}
