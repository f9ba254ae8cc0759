using System.Buffers;
using System.Buffers.Binary;

namespace Causeway.Dns.Streams;

/// <summary>
/// The messages of a stream, each after its length in two bytes (RFC 1035 section 4.2.2). Between messages it holds no
/// buffer, and never a larger one than what has come needs: a length is only the sender's word.
/// </summary>
/// <param name="largest">A message may have so many bytes.</param>
internal sealed class FrameReader(Stream stream, int largest) : IDisposable
{
    private const int FirstBytes = 512;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>The next message, if all of it has come. Good until the next <see cref="ReadAsync"/>.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> message)
    {
        message = default;
        if (_end - _start < 2) return false;
        var length = Length;
        if (_end - _start - 2 < length) return false;
        message = _buffer.AsMemory(_start + 2, length);
        _start += 2 + length;
        return true;
    }

    /// <summary>Waits for more bytes. False when there will be none, or when a message is larger than it may be.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancel)
    {
        if (_start == _end) Release();
        if (_buffer is null)
        {
            _ = await stream.ReadAsync(Memory<byte>.Empty, cancel);
            _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        }
        if (_end - _start >= 2 && Length > largest) return false;
        MakeRoom();
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancel);
        _end += read;
        return read > 0;
    }

    /// <summary>Not while <see cref="ReadAsync"/> runs.</summary>
    public void Dispose() => Release();

    private int Length => BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));

    private void MakeRoom()
    {
        if (_end < _buffer!.Length) return;
        var bytes = _buffer.AsSpan(_start, _end - _start);
        if (_start > 0)
        {
            bytes.CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
            bytes.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        (_start, _end) = (0, bytes.Length);
    }

    private void Release()
    {
        if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (null, 0, 0);
    }
}
