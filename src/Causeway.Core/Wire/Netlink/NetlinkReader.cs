using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>One message of a buffer; valid as long as the buffer is.</summary>
public readonly ref struct NetlinkMessage
{
    public required NetlinkType Type { get; init; }

    public required NetlinkFlags Flags { get; init; }

    public required uint Sequence { get; init; }

    /// <summary>The address of the socket that asked for what this tells, or answers.</summary>
    public uint Port { get; init; }

    public required ReadOnlySpan<byte> Payload { get; init; }
}

/// <summary>The messages of a received buffer, front to back.</summary>
public ref struct NetlinkReader(ReadOnlySpan<byte> buffer)
{
    private ReadOnlySpan<byte> _rest = buffer;

    /// <summary>False at the end. Throws <see cref="NetlinkFormatException"/> when a length does not
    /// fit.</summary>
    public bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty) return false;
        if (_rest.Length < NetlinkWriter.HeaderBytes)
            throw new NetlinkFormatException($"{_rest.Length} bytes are too few for a message header");
        var length = MemoryMarshal.Read<uint>(_rest);
        if (length < NetlinkWriter.HeaderBytes || length > _rest.Length)
            throw new NetlinkFormatException($"a message of {length} bytes in a buffer of {_rest.Length}");
        message = new NetlinkMessage
        {
            Type = (NetlinkType)MemoryMarshal.Read<ushort>(_rest[4..]),
            Flags = (NetlinkFlags)MemoryMarshal.Read<ushort>(_rest[6..]),
            Sequence = MemoryMarshal.Read<uint>(_rest[8..]),
            Port = MemoryMarshal.Read<uint>(_rest[12..]),
            Payload = _rest[NetlinkWriter.HeaderBytes..(int)length],
        };
        _rest = _rest[Math.Min((int)(length + 3 & ~3u), _rest.Length)..];
        return true;
    }
}

/// <summary>One attribute; the accessors throw <see cref="NetlinkFormatException"/> on a wrong
/// length.</summary>
public readonly ref struct NetlinkAttribute(int type, ReadOnlySpan<byte> value)
{
    /// <summary>Without the flags of nesting and byte order.</summary>
    public int Type { get; } = type;

    public ReadOnlySpan<byte> Value { get; } = value;

    public byte U8 => Fixed(1)[0];

    public ushort U16 => MemoryMarshal.Read<ushort>(Fixed(2));

    public ushort U16BigEndian => BinaryPrimitives.ReadUInt16BigEndian(Fixed(2));

    public uint U32BigEndian => BinaryPrimitives.ReadUInt32BigEndian(Fixed(4));

    public uint U32 => MemoryMarshal.Read<uint>(Fixed(4));

    public int I32 => MemoryMarshal.Read<int>(Fixed(4));

    /// <summary>UTF-8 up to the first zero or the end.</summary>
    public string Text
    {
        get
        {
            var end = Value.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
        }
    }

    public IpAddress Address => Value.Length is 4 or 16 ? IpAddress.FromBytes(Value) : throw Wrong("4 or 16");

    public MacAddress Mac => MacAddress.FromBytes(Fixed(MacAddress.Bytes));

    /// <summary>The attributes inside.</summary>
    public NetlinkAttributes Nested => new(Value);

    private ReadOnlySpan<byte> Fixed(int length) => Value.Length == length ? Value : throw Wrong($"{length}");

    private NetlinkFormatException Wrong(string expected) =>
        new($"attribute {Type} has {Value.Length} bytes, not {expected}");
}

/// <summary>The attributes of a span, for foreach. Throws <see cref="NetlinkFormatException"/> when a length
/// does not fit.</summary>
public ref struct NetlinkAttributes(ReadOnlySpan<byte> attributes)
{
    private const int TypeMask = 0x3fff;

    private ReadOnlySpan<byte> _rest = attributes;

    public NetlinkAttribute Current { get; private set; }

    public readonly NetlinkAttributes GetEnumerator() => this;

    public bool MoveNext()
    {
        // Fewer bytes than a header are padding.
        if (_rest.Length < 4) return false;
        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < 4 || length > _rest.Length)
            throw new NetlinkFormatException($"an attribute of {length} bytes where {_rest.Length} are left");
        Current = new(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask, _rest[4..length]);
        _rest = _rest[Math.Min(length + 3 & ~3, _rest.Length)..];
        return true;
    }

    /// <summary>What follows the fixed part of a message's payload.</summary>
    /// <param name="fixedBytes">Length of the fixed part, which must be there.</param>
    public static NetlinkAttributes After(ReadOnlySpan<byte> payload, int fixedBytes) =>
        payload.Length >= fixedBytes
            ? new(payload[fixedBytes..])
            : throw new NetlinkFormatException($"{payload.Length} bytes are too few for a body of {fixedBytes}");
}
