using System.Buffers;
using System.Text;
using Causeway.Lab.Kubelet.Streams;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>
/// The log file of one instance of a container: every line with the time at which it came. Written by the
/// output pump's thread, readable by anyone at any time.
/// </summary>
internal sealed class ContainerLog
{
    /// <summary>Then the file becomes the older half and a new one begins.</summary>
    private const long SizeLimit = 16 << 20;

    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArrayBufferWriter<byte> _line = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _size;
    private int _rotations;
    private bool _moved;

    public ContainerLog(string path, TimeProvider time)
    {
        Path = path;
        _time = time;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, []);
    }

    public string Path { get; }

    /// <summary>How many files came before the one that is written.</summary>
    public int Rotations => Volatile.Read(ref _rotations);

    /// <summary>Everything that the instance wrote is in the file.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends at the next write, or at the end.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Takes a piece of output; an empty one is the end.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Append(bytes);
        }
        catch (IOException)
        {
            // A full disk costs log lines, not pods.
        }
        if (bytes.IsEmpty) _ended.TrySetResult();
        Interlocked.Exchange(ref _changed,
            new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var stamp = Encoding.ASCII.GetBytes(LogLine.Stamp(_time.GetUtcNow()) + " ");
        using var whole = new MemoryStream();
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            whole.Write(stamp);
            whole.Write(_line.WrittenSpan);
            _line.ResetWrittenCount();
            whole.Write(bytes[..(end + 1)]);
            bytes = bytes[(end + 1)..];
        }
        _line.Write(bytes);
        // The last line of an instance may lack its newline; an endless one is cut.
        if (_line.WrittenCount > 0 && (bytes.IsEmpty || _line.WrittenCount > 64 * 1024))
        {
            whole.Write(stamp);
            whole.Write(_line.WrittenSpan);
            whole.WriteByte((byte)'\n');
            _line.ResetWrittenCount();
        }
        if (whole.Length == 0) return;
        if (_size > SizeLimit)
        {
            File.Move(Path, Path + ".old", overwrite: true);
            _size = 0;
            _moved = true;
        }
        using var file = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite,
            bufferSize: 0);
        // Told once there is another to read.
        if (_moved) Interlocked.Increment(ref _rotations);
        _moved = false;
        whole.WriteTo(file);
        _size += whole.Length;
    }
}
