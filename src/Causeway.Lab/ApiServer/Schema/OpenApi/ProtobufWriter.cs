using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Causeway.Lab.ApiServer.Schema.OpenApi;

/// <summary>Writes one protobuf message (proto3 wire format). Fields with default values are not
/// written.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Text(int field, string? value)
    {
        if (string.IsNullOrEmpty(value)) return;
        var length = Encoding.UTF8.GetByteCount(value);
        Tag(field, Bytes);
        WriteVarint((ulong)length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }

    public void Flag(int field, bool value)
    {
        if (!value) return;
        Tag(field, Varint);
        WriteVarint(1);
    }

    public void Integer(int field, long value)
    {
        if (value == 0) return;
        Tag(field, Varint);
        WriteVarint((ulong)value);
    }

    public void Double(int field, double value)
    {
        if (value == 0) return;
        Tag(field, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(sizeof(double)), value);
        _buffer.Advance(sizeof(double));
    }

    /// <summary>A message inside this one; written also when it is empty.</summary>
    public void Message<T>(int field, T value, Action<ProtobufWriter, T> write)
    {
        var inner = new ProtobufWriter();
        write(inner, value);
        Tag(field, Bytes);
        WriteVarint((ulong)inner._buffer.WrittenCount);
        _buffer.Write(inner._buffer.WrittenSpan);
    }

    private void Tag(int field, int wireType) => WriteVarint(((ulong)field << 3) | (uint)wireType);

    private void WriteVarint(ulong value)
    {
        var length = Math.Max(1, (70 - BitOperations.LeadingZeroCount(value)) / 7);
        var span = _buffer.GetSpan(length);
        for (var i = 0; i < length; i++)
        {
            span[i] = (byte)((value & 0x7F) | (i < length - 1 ? 0x80u : 0));
            value >>= 7;
        }
        _buffer.Advance(length);
    }
}
