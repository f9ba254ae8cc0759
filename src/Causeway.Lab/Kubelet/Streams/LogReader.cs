using Causeway.Lab.ApiServer.Streams;
using Causeway.Lab.Kubelet.Containers;

namespace Causeway.Lab.Kubelet.Streams;

/// <summary>Writes a container's log as <c>kubectl logs</c> asked for it.</summary>
internal sealed class LogReader(ContainerLog log, PodLogRequest request)
{
    private long _left = request.LimitBytes ?? long.MaxValue;

    public async Task WriteAsync(Stream output, CancellationToken cancel)
    {
        long? skip = request.TailLines is { } tail ? Math.Max(0, CountLines() - tail) : 0;
        using var part = new MemoryStream();
        while (skip is { } lines)
        {
            var rotations = log.Rotations;
            await using var file = new FileStream(log.Path, FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
            skip = await WriteFileAsync(file, rotations, part, lines, output, cancel);
        }
    }

    /// <summary>Writes a file to its end, which is where another has taken its place; then gives how many lines are still
    /// to be skipped. Null when nothing more is to be written.</summary>
    private async Task<long?> WriteFileAsync(
        FileStream file, int rotations, MemoryStream part, long skip, Stream output, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        while (_left > 0)
        {
            // Asked for before the read, so that a write right after it is not missed.
            var (changed, ended, replaced) = (log.Changed, log.Ended.IsCompleted, log.Rotations > rotations);
            var count = await file.ReadAsync(buffer, cancel);
            if (count == 0)
            {
                await output.FlushAsync(cancel);
                if (replaced && request.Follow) return skip;
                if (!request.Follow || ended) return null;
                await changed.WaitAsync(cancel);
                continue;
            }
            part.Write(buffer, 0, count);
            skip = await WriteLinesAsync(part, skip, output, cancel);
            if (request.Follow) await output.FlushAsync(cancel);
        }
        return null;
    }

    /// <summary>Writes the whole lines and leaves the rest; gives how many are still to be skipped.</summary>
    private async Task<long> WriteLinesAsync(MemoryStream part, long skip, Stream output,
        CancellationToken cancel)
    {
        var bytes = part.ToArray();
        var start = 0;
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0 && _left > 0; start = end + 1)
        {
            if (skip > 0)
            {
                skip--;
                continue;
            }
            var line = bytes.AsMemory(start, end + 1 - start);
            if (request.Since is { } since && LogLine.TimeOf(line.Span) < since) continue;
            if (!request.Timestamps) line = line[^LogLine.Text(line.Span).Length..];
            if (line.Length > _left) line = line[..(int)_left];
            await output.WriteAsync(line, cancel);
            _left -= line.Length;
        }
        part.SetLength(0);
        part.Write(bytes.AsSpan(start));
        return skip;
    }

    private long CountLines()
    {
        using var file = new FileStream(log.Path, FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[64 * 1024];
        long lines = 0;
        while (file.Read(buffer) is > 0 and var count) lines += buffer.AsSpan(0, count).Count((byte)'\n');
        return lines;
    }
}
