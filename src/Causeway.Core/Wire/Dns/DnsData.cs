using System.Buffers.Binary;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Dns;

/// <summary>The data of a record in wire form, with whole names. Compared byte by byte. <c>default</c> is empty.</summary>
public readonly struct DnsData : IEquatable<DnsData>
{
    private readonly byte[]? _bytes;

    private DnsData(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Of A and AAAA.</summary>
    public static DnsData Of(IpAddress address) => new(address.ToBytes());

    /// <summary>Of CNAME, NS and PTR.</summary>
    public static DnsData Of(DnsName target) => new(target.Wire.ToArray());

    /// <summary>Of TXT: each text is cut into strings of at most 255 bytes (RFC 1035 section 3.3.14).</summary>
    public static DnsData Text(params ReadOnlySpan<string> texts)
    {
        List<byte> bytes = [];
        foreach (var text in texts)
        {
            var utf8 = Encoding.UTF8.GetBytes(text).AsSpan();
            do
            {
                var part = utf8[..Math.Min(255, utf8.Length)];
                bytes.Add((byte)part.Length);
                bytes.AddRange(part);
                utf8 = utf8[part.Length..];
            }
            while (!utf8.IsEmpty);
        }
        return new([.. bytes]);
    }

    /// <summary>RFC 2782.</summary>
    public static DnsData Srv(ushort priority, ushort weight, ushort port, DnsName target)
    {
        var bytes = new byte[6 + target.Wire.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, priority);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), weight);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), port);
        target.Wire.CopyTo(bytes.AsSpan(6));
        return new(bytes);
    }

    public static DnsData Of(DnsSoa soa)
    {
        var names = soa.Server.Wire.Length + soa.Mailbox.Wire.Length;
        var bytes = new byte[names + 20];
        soa.Server.Wire.CopyTo(bytes);
        soa.Mailbox.Wire.CopyTo(bytes.AsSpan(soa.Server.Wire.Length));
        var numbers = bytes.AsSpan(names);
        BinaryPrimitives.WriteUInt32BigEndian(numbers, soa.Serial);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], soa.Refresh);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[8..], soa.Retry);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[12..], soa.Expire);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], soa.Minimum);
        return new(bytes);
    }

    /// <summary>Bytes that the caller has checked, or whose type is opaque.</summary>
    public static DnsData FromWire(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>The address of an A or AAAA record. Throws for another length.</summary>
    public IpAddress Address => IpAddress.FromBytes(Bytes);

    /// <summary>The name that begins at this byte (0 for CNAME, NS and PTR; 6 for SRV). Throws when none does.</summary>
    public DnsName NameAt(int offset)
    {
        DnsReader reader = new(Bytes, offset);
        return reader.TryName(out var name) ? name : throw new InvalidOperationException($"no name: {reader.Fault}");
    }

    /// <summary>The fields of an SOA record; null when the bytes are none.</summary>
    public DnsSoa? Soa
    {
        get
        {
            DnsReader reader = new(Bytes);
            return reader.TryName(out var server) && reader.TryName(out var mailbox) && reader.TryU32(out var serial)
                && reader.TryU32(out var refresh) && reader.TryU32(out var retry) && reader.TryU32(out var expire)
                && reader.TryU32(out var minimum)
                    ? new(server, mailbox, serial, refresh, retry, expire, minimum)
                    : null;
        }
    }

    public bool Equals(DnsData other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is DnsData other && Equals(other);

    public override int GetHashCode() => DnsCase.HashOfLower(Bytes);

    public static bool operator ==(DnsData left, DnsData right) => left.Equals(right);

    public static bool operator !=(DnsData left, DnsData right) => !left.Equals(right);
}

/// <summary>The start of a zone of authority (RFC 1035 section 3.3.13); times in seconds. <paramref name="Minimum"/> is
/// how long a negative answer may be kept (RFC 2308).</summary>
public readonly record struct DnsSoa(
    DnsName Server, DnsName Mailbox, uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum);
