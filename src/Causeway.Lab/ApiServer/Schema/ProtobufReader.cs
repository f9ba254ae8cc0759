using System.Buffers.Binary;
using Causeway.Core;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>Reads the fields of one protobuf message (wire format of proto2 and proto3, without
/// groups).</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Delimited = 2;
    private const int Fixed32 = 5;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the field that <see cref="Next"/> stopped at.</summary>
    public int Field { get; private set; }

    public int WireType { get; private set; }

    /// <summary>The value of a varint or fixed-size field.</summary>
    public ulong Number { get; private set; }

    /// <summary>The content of a length-delimited field.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="InputException">The bytes are no protobuf message.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty) return false;
        var tag = ReadVarint();
        if (tag >> 3 is 0 or > int.MaxValue) throw Malformed();
        (Field, WireType, Number) = ((int)(tag >> 3), (int)(tag & 7), 0);
        Content = default;
        switch (WireType)
        {
            case Varint:
                Number = ReadVarint();
                break;
            case Fixed64:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case Fixed32:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            case Delimited:
                Content = Take(ReadVarint());
                break;
            default:
                throw Malformed();
        }
        return true;
    }

    /// <summary>A varint out of packed content; false at its end.</summary>
    public static bool Unpack(ref ReadOnlySpan<byte> content, out ulong number)
    {
        number = 0;
        if (content.IsEmpty) return false;
        var reader = new ProtobufReader(content);
        number = reader.ReadVarint();
        content = reader._rest;
        return true;
    }

    public static InputException Malformed() => new("the request's body is no valid protobuf message");

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < 10; i++)
        {
            if (i >= _rest.Length) throw Malformed();
            var next = _rest[i];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next >= 0x80) continue;
            _rest = _rest[(i + 1)..];
            return value;
        }
        throw Malformed();
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length) throw Malformed();
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
