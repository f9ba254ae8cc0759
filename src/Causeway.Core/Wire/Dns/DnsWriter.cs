using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Causeway.Core.Wire.Dns;

/// <summary>
/// Writes the fields of a message, names compressed (RFC 1035 section 4.1.4). A method that returns false has written
/// nothing: there was no room.
/// </summary>
/// <param name="message">The whole message's room; a header is expected in its first twelve bytes.</param>
public ref struct DnsWriter(Span<byte> message)
{
    private const int LargestPointer = 0x3FFF;

    private readonly Span<byte> _message = message;
    private NameStarts _starts;
    private int _startCount;

    public int Position { get; private set; } = DnsHeader.Bytes;

    public bool TryQuestion(in DnsQuestion question)
    {
        var mark = Mark();
        if (TryName(question.Name.Wire, compress: true)
            && TryU16((ushort)question.Type) && TryU16((ushort)question.Class)) return true;
        return Restore(mark);
    }

    public bool TryRecord(in DnsRecord record)
    {
        var mark = Mark();
        if (!TryName(record.Name.Wire, compress: true) || !TryU16((ushort)record.Type)
            || !TryU16((ushort)record.Class) || !TryU32(record.Ttl)) return Restore(mark);
        var lengthAt = Position;
        if (!TryU16(0) || !TryData(record.Type, record.Data.Bytes)) return Restore(mark);
        BinaryPrimitives.WriteUInt16BigEndian(_message[lengthAt..], (ushort)(Position - lengthAt - 2));
        return true;
    }

    private bool TryData(DnsType type, ReadOnlySpan<byte> data)
    {
        var layout = DnsDataLayout.Of(type);
        if (layout.Names == 0 || !layout.MayCompress) return TryBytes(data);
        if (!TryBytes(data[..layout.Before])) return false;
        data = data[layout.Before..];
        for (var i = 0; i < layout.Names; i++)
        {
            var length = 0;
            while (data[length] != 0) length += data[length] + 1;
            if (!TryName(data[..(length + 1)], compress: true)) return false;
            data = data[(length + 1)..];
        }
        return TryBytes(data);
    }

    /// <summary>An uncompressed wire form; its longest suffix that stands earlier becomes a pointer there.</summary>
    private bool TryName(ReadOnlySpan<byte> wire, bool compress)
    {
        while (wire[0] != 0)
        {
            if (compress && Find(wire) is var earlier and > 0) return TryU16((ushort)(0xC000 | earlier));
            if (Position <= LargestPointer && _startCount < NameStarts.Length) _starts[_startCount++] = (ushort)Position;
            if (!TryBytes(wire[..(wire[0] + 1)])) return false;
            wire = wire[(wire[0] + 1)..];
        }
        return TryBytes("\0"u8);
    }

    private readonly int Find(ReadOnlySpan<byte> wire)
    {
        for (var i = 0; i < _startCount; i++)
            if (IsAt(_starts[i], wire)) return _starts[i];
        return 0;
    }

    private readonly bool IsAt(int at, ReadOnlySpan<byte> wire)
    {
        while (true)
        {
            while (at + 1 < Position && _message[at] >= 0xC0) at = (_message[at] & 0x3F) << 8 | _message[at + 1];
            if (at >= Position) return false;
            var size = _message[at];
            if (size != wire[0] || at + 1 + size > Position) return false;
            if (size == 0) return true;
            if (!DnsCase.Equal(_message.Slice(at, size + 1), wire[..(size + 1)])) return false;
            at += size + 1;
            wire = wire[(size + 1)..];
        }
    }

    private bool TryU16(ushort value)
    {
        if (_message.Length - Position < 2) return false;
        BinaryPrimitives.WriteUInt16BigEndian(_message[Position..], value);
        Position += 2;
        return true;
    }

    private bool TryU32(uint value)
    {
        if (_message.Length - Position < 4) return false;
        BinaryPrimitives.WriteUInt32BigEndian(_message[Position..], value);
        Position += 4;
        return true;
    }

    private bool TryBytes(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.TryCopyTo(_message[Position..])) return false;
        Position += bytes.Length;
        return true;
    }

    private readonly (int Position, int Starts) Mark() => (Position, _startCount);

    private bool Restore((int Position, int Starts) mark)
    {
        (Position, _startCount) = mark;
        return false;
    }

    /// <summary>Where names begin that later ones may point to; a message with more compresses to these.</summary>
    [InlineArray(Length)]
    private struct NameStarts
    {
        public const int Length = 64;

        private ushort _first;
    }
}
