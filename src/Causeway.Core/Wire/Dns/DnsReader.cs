using System.Buffers.Binary;

namespace Causeway.Core.Wire.Dns;

/// <summary>
/// Reads the fields of a message front to back. A method that returns false leaves <see cref="Fault"/> set; nothing
/// throws, whatever the bytes are.
/// </summary>
public ref struct DnsReader(ReadOnlySpan<byte> message, int position = 0)
{
    private readonly ReadOnlySpan<byte> _message = message;

    public int Position { get; private set; } = position;

    public DnsFault Fault { get; private set; }

    public readonly bool AtEnd => Position == _message.Length;

    public bool TryU16(out ushort value)
    {
        var read = TryBytes(2, out var bytes);
        value = read ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0;
        return read;
    }

    public bool TryU32(out uint value)
    {
        var read = TryBytes(4, out var bytes);
        value = read ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
        return read;
    }

    public bool TryBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (count > _message.Length - Position) return Fail(DnsFaultKind.Short, _message.Length);
        bytes = _message.Slice(Position, count);
        Position += count;
        return true;
    }

    public bool TryName(out DnsName name)
    {
        Span<byte> wire = stackalloc byte[DnsName.MaxBytes];
        var read = TryName(wire, out var length);
        name = read ? DnsName.FromWire(wire[..length]) : default;
        return read;
    }

    /// <summary>Reads a name, compressed or not, into its uncompressed wire form.</summary>
    /// <param name="wire">At least <see cref="DnsName.MaxBytes"/> long.</param>
    public bool TryName(scoped Span<byte> wire, out int length)
    {
        length = 0;
        var at = Position;
        // Each pointer must lead to before where its own stretch of labels began: so there are no loops.
        var begin = at;
        var jumped = false;
        while (true)
        {
            if (at >= _message.Length) return Fail(DnsFaultKind.Short, at);
            int size = _message[at];
            if (size >= 0xC0)
            {
                if (at + 1 >= _message.Length) return Fail(DnsFaultKind.Short, at);
                var target = (size & 0x3F) << 8 | _message[at + 1];
                if (target >= begin) return Fail(DnsFaultKind.Pointer, at);
                if (!jumped) Position = at + 2;
                jumped = true;
                at = begin = target;
                continue;
            }
            if (size > DnsName.MaxLabelBytes) return Fail(DnsFaultKind.LabelKind, at);
            if (at + 1 + size > _message.Length) return Fail(DnsFaultKind.Short, at);
            if (length + 1 + size + (size == 0 ? 0 : 1) > DnsName.MaxBytes) return Fail(DnsFaultKind.NameLength, at);
            _message.Slice(at, 1 + size).CopyTo(wire[length..]);
            length += 1 + size;
            at += 1 + size;
            if (size > 0) continue;
            if (!jumped) Position = at;
            return true;
        }
    }

    public bool TryQuestion(out DnsQuestion question)
    {
        question = default;
        if (!TryName(out var name) || !TryU16(out var type) || !TryU16(out var kind)) return false;
        question = new(name, (DnsType)type, (DnsClass)kind);
        return true;
    }

    /// <summary>A record; names inside its data are made whole, so that the data stands by itself.</summary>
    public bool TryRecord(out DnsRecord record)
    {
        record = default;
        if (!TryName(out var name) || !TryU16(out var type) || !TryU16(out var kind) || !TryU32(out var ttl)
            || !TryU16(out var length)) return false;
        if (length > _message.Length - Position) return Fail(DnsFaultKind.Short, _message.Length);
        if (!TryData((DnsType)type, length, out var data)) return false;
        record = new(name, (DnsType)type, (DnsClass)kind, ttl, data);
        return true;
    }

    private bool TryData(DnsType type, int length, out DnsData data)
    {
        data = default;
        var (begin, end) = (Position, Position + length);
        var layout = DnsDataLayout.Of(type);
        if (layout.Names == 0)
        {
            var bytes = _message.Slice(begin, length);
            Position = end;
            if (!layout.Fits(bytes)) return Fail(DnsFaultKind.DataLength, begin);
            data = DnsData.FromWire(bytes);
            return true;
        }
        Span<byte> whole = stackalloc byte[layout.Before + layout.Names * DnsName.MaxBytes + layout.After];
        if (layout.Before > length) return Fail(DnsFaultKind.DataLength, begin);
        _message.Slice(begin, layout.Before).CopyTo(whole);
        var written = layout.Before;
        Position += layout.Before;
        Span<byte> name = stackalloc byte[DnsName.MaxBytes];
        for (var i = 0; i < layout.Names; i++)
        {
            if (!TryName(name, out var size)) return false;
            name[..size].CopyTo(whole[written..]);
            written += size;
        }
        if (Position + layout.After != end) return Fail(DnsFaultKind.DataLength, begin);
        _message.Slice(Position, layout.After).CopyTo(whole[written..]);
        Position = end;
        data = DnsData.FromWire(whole[..(written + layout.After)]);
        return true;
    }

    internal bool Fail(DnsFaultKind kind, int offset)
    {
        Fault = new(kind, offset);
        return false;
    }
}
