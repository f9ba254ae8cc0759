using System.Collections.Concurrent;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Processes;

/// <summary>Takes the output of one pipe, piece by piece.</summary>
/// <param name="bytes">Valid during the call; empty once, at the end.</param>
public delegate void OutputTaker(ReadOnlySpan<byte> bytes);

/// <summary>
/// Reads the output of any number of children on one thread (epoll(7)): a thousand quiet pods cost one thread
/// and a descriptor each. Pieces of one pipe come in order; takers must be quick and must not throw.
/// </summary>
public sealed class OutputPump : IDisposable
{
    private const int Chunk = 64 * 1024;

    private readonly ConcurrentDictionary<ulong, (SafeFileHandle Pipe, OutputTaker Taker)> _pipes = [];
    private readonly EpollSet _readable = new();
    private readonly Thread _thread;
    private readonly SafeFileHandle _wakeReader;
    private readonly SafeFileHandle _wakeWriter;
    private ulong _last;
    private volatile bool _disposed;

    public OutputPump()
    {
        (_wakeReader, _wakeWriter) = Pipe();
        _readable.Add(_wakeReader, 0);
        _thread = new Thread(Loop, 256 * 1024) { IsBackground = true, Name = "output pump" };
        _thread.Start();
    }

    /// <summary>The writing end of a new pipe: give it to a child as <see cref="ChildStream.Descriptor"/>,
    /// then dispose it. The taker is told of the end when the last process that holds it is gone.</summary>
    public SafeFileHandle Open(OutputTaker taker)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var (reader, writer) = Pipe();
        var key = Interlocked.Increment(ref _last);
        _pipes[key] = (reader, taker);
        _readable.Add(reader, key);
        return writer;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _wakeWriter.Dispose();
        _thread.Join();
        foreach (var (pipe, _) in _pipes.Values) pipe.Dispose();
        _wakeReader.Dispose();
        _readable.Dispose();
    }

    private void Loop()
    {
        var buffer = new byte[Chunk];
        while (!_disposed)
        {
            foreach (var key in _readable.Wait())
                if (_pipes.TryGetValue(key, out var source)) Take(key, source.Pipe, source.Taker, buffer);
        }
    }

    private unsafe void Take(ulong key, SafeFileHandle pipe, OutputTaker taker, byte[] buffer)
    {
        nint length;
        fixed (byte* bytes = buffer) length = Libc.Read(pipe, bytes, (nuint)buffer.Length);
        taker(buffer.AsSpan(0, Math.Max(0, (int)length)));
        if (length > 0) return;
        // Closing takes it out of the epoll set.
        _pipes.TryRemove(key, out _);
        pipe.Dispose();
    }

    private static unsafe (SafeFileHandle Reader, SafeFileHandle Writer) Pipe()
    {
        var ends = stackalloc int[2];
        SystemCallException.Check(Libc.Pipe2(ends, Libc.CloseOnExec), "cannot make a pipe");
        return (new(ends[0], ownsHandle: true), new(ends[1], ownsHandle: true));
    }
}
