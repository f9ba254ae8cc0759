using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// Builds netlink messages one after another in one growing buffer, in host byte order and aligned to four
/// bytes. The length of a message is filled in by <see cref="End"/>, that of a nest by
/// <see cref="EndNested"/>.
/// </summary>
public sealed class NetlinkWriter
{
    public const int HeaderBytes = 16;

    /// <summary>Marks an attribute that holds others, where the kernel insists (NLA_F_NESTED).</summary>
    public const int NestedFlag = 0x8000;

    private byte[] _buffer;
    private int _length;
    private int _messageStart = -1;

    public NetlinkWriter(int capacity = 1024) => _buffer = new byte[capacity];

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public int Length => _length;

    public void Clear()
    {
        _length = 0;
        _messageStart = -1;
    }

    /// <summary>Starts a message; <see cref="NetlinkFlags.Request"/> is added to the flags.</summary>
    public void Begin(NetlinkType type, NetlinkFlags flags)
    {
        _messageStart = _length;
        var header = Reserve(HeaderBytes);
        var (wireType, wireFlags) = ((ushort)type, (ushort)(flags | NetlinkFlags.Request));
        MemoryMarshal.Write(header[4..], in wireType);
        MemoryMarshal.Write(header[6..], in wireFlags);
    }

    public void End()
    {
        var length = _length - _messageStart;
        MemoryMarshal.Write(_buffer.AsSpan(_messageStart), in length);
    }

    /// <summary>Numbers the message that starts at an offset of <see cref="Written"/>.</summary>
    public void SetSequence(int messageOffset, uint sequence) =>
        MemoryMarshal.Write(_buffer.AsSpan(messageOffset + 8, 4), in sequence);

    /// <summary>Numbers the message at an offset and says whether its success is to be told.</summary>
    public void Seal(int messageOffset, uint sequence, bool acknowledge)
    {
        SetSequence(messageOffset, sequence);
        var flags = MemoryMarshal.Read<ushort>(_buffer.AsSpan(messageOffset + 6));
        flags = (ushort)(acknowledge ? flags | (int)NetlinkFlags.Ack : flags & ~(int)NetlinkFlags.Ack);
        MemoryMarshal.Write(_buffer.AsSpan(messageOffset + 6), in flags);
    }

    /// <summary>Numbers all messages from an offset on, one after another; how many there are.</summary>
    public int Number(int offset, uint first)
    {
        var count = 0;
        for (; offset < _length; count++)
        {
            SetSequence(offset, first + (uint)count);
            offset += MemoryMarshal.Read<int>(_buffer.AsSpan(offset)) + 3 & ~3;
        }
        return count;
    }

    /// <summary>Drops what was written from an offset on.</summary>
    public void Truncate(int length)
    {
        _length = length;
        _messageStart = -1;
    }

    /// <summary>Zeroed room for the fixed part of a message. Valid until the next write.</summary>
    public Span<byte> Reserve(int count)
    {
        var padded = count + 3 & ~3;
        if (_length + padded > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + padded));
        var span = _buffer.AsSpan(_length, padded);
        span.Clear();
        _length += padded;
        return span[..count];
    }

    /// <summary>Room for the value of an attribute of this length. Valid until the next write.</summary>
    public Span<byte> Attribute(int type, int length)
    {
        var room = Reserve(4 + length);
        var (wireLength, wireType) = (checked((ushort)(4 + length)), (ushort)type);
        MemoryMarshal.Write(room, in wireLength);
        MemoryMarshal.Write(room[2..], in wireType);
        return room[4..];
    }

    public void Bytes(int type, ReadOnlySpan<byte> value) => value.CopyTo(Attribute(type, value.Length));

    public void U8(int type, byte value) => Attribute(type, 1)[0] = value;

    public void U16(int type, ushort value) => MemoryMarshal.Write(Attribute(type, 2), in value);

    public void U32(int type, uint value) => MemoryMarshal.Write(Attribute(type, 4), in value);

    public void I32(int type, int value) => MemoryMarshal.Write(Attribute(type, 4), in value);

    public void I32BigEndian(int type, int value) => BinaryPrimitives.WriteInt32BigEndian(Attribute(type, 4), value);

    /// <summary>UTF-8 with a terminating zero.</summary>
    public void Text(int type, string value) =>
        Encoding.UTF8.GetBytes(value, Attribute(type, Encoding.UTF8.GetByteCount(value) + 1));

    public void Address(int type, IpAddress value) => value.WriteBytes(Attribute(type, value.Family.Bytes));

    public void Mac(int type, MacAddress value) => Bytes(type, value.ToBytes());

    /// <summary>Starts a nest; give what is returned to <see cref="EndNested"/>.</summary>
    public int BeginNested(int type)
    {
        var start = _length;
        Attribute(type, 0);
        return start;
    }

    public void EndNested(int start)
    {
        var length = checked((ushort)(_length - start));
        MemoryMarshal.Write(_buffer.AsSpan(start), in length);
    }
}
