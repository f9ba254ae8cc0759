using System.Buffers;

namespace Causeway.Kubernetes.Watching;

/// <summary>
/// Splits a stream into lines as they arrive, in one pooled buffer that grows to the longest line and goes
/// back to small when the lines do: an idle watch holds 4 KiB.
/// </summary>
internal sealed class LineReader(Stream stream, int limit = LineReader.DefaultLimit) : IDisposable
{
    /// <summary>Larger than any object that etcd's default request limit of 1.5 MiB lets in.</summary>
    public const int DefaultLimit = 32 * 1024 * 1024;

    private const int Small = 4096;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Small);
    private int _start;
    private int _scanned;
    private int _end;

    /// <summary>The next line without its end; null when the stream has ended. The memory is valid until the
    /// next call. Empty lines are left out, and so is a last line that never got its end: half an object is
    /// none.</summary>
    /// <exception cref="InvalidDataException">A line exceeds the limit.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> Next(CancellationToken cancel)
    {
        while (true)
        {
            var at = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = _buffer.AsMemory(_start, _scanned + at - _start);
                _start = _scanned = _scanned + at + 1;
                if (line.Length > 0 && line.Span[^1] == '\r') line = line[..^1];
                if (line.Length > 0) return line;
                continue;
            }
            _scanned = _end;
            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancel);
            if (read == 0) return null;
            _end += read;
        }
    }

    private void MakeRoom()
    {
        var held = _end - _start;
        if (held == 0 && _buffer.Length > Small)
        {
            Resize(Small, 0);
        }
        else if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, held);
            (_start, _scanned, _end) = (0, held, held);
        }
        if (_end < _buffer.Length) return;
        if (_buffer.Length >= limit)
            throw new InvalidDataException($"a line of the watch exceeds {limit} bytes");
        Resize(_buffer.Length * 2, held);
    }

    private void Resize(int size, int held)
    {
        var resized = ArrayPool<byte>.Shared.Rent(size);
        Buffer.BlockCopy(_buffer, _start, resized, 0, held);
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _scanned, _end) = (resized, 0, held, held);
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        (_start, _scanned, _end) = (0, 0, 0);
    }
}
