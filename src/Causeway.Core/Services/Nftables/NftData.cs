using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Nftables;

/// <summary>
/// A key or a value of a set, as the kernel holds it in its registers: each component of a concatenation in its
/// own order of bytes, filled with zeros to a multiple of 4. Compared by content. <c>default</c> is empty.
/// </summary>
public readonly struct NftData : IEquatable<NftData>
{
    private readonly byte[]? _bytes;

    private NftData(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool IsEmpty => _bytes is null;

    /// <summary>One component.</summary>
    public static NftData Of(IpAddress address) => default(NftData).Then(address);

    public static NftData Of(TransportProtocol protocol) => default(NftData).Then(protocol);

    /// <summary>As the kernel gave it; no bytes are the empty one.</summary>
    public static NftData FromBytes(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? default : new(bytes.ToArray());

    public NftData Then(IpAddress address)
    {
        var (bytes, start) = Grow(address.Family.Bytes);
        address.WriteBytes(bytes.AsSpan(start));
        return new(bytes);
    }

    /// <summary>The number in the IP header; in no case ICMP.</summary>
    public NftData Then(TransportProtocol protocol)
    {
        var (bytes, start) = Grow(sizeof(uint));
        bytes[start] = protocol.Number(IpFamily.V4);
        return new(bytes);
    }

    public NftData Then(ushort port)
    {
        var (bytes, start) = Grow(sizeof(uint));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(start), port);
        return new(bytes);
    }

    /// <summary>What <c>numgen</c> gives: a number in the machine's own order of bytes.</summary>
    public NftData ThenIndex(int index)
    {
        var (bytes, start) = Grow(sizeof(uint));
        MemoryMarshal.Write(bytes.AsSpan(start), (uint)index);
        return new(bytes);
    }

    public bool Equals(NftData other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is NftData other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    public static bool operator ==(NftData left, NftData right) => left.Equals(right);

    public static bool operator !=(NftData left, NftData right) => !left.Equals(right);

    public override string ToString() => Convert.ToHexStringLower(Bytes);

    private (byte[] Bytes, int Start) Grow(int more)
    {
        var bytes = new byte[Bytes.Length + more];
        Bytes.CopyTo(bytes);
        return (bytes, Bytes.Length);
    }
}
