using System.IO.Pipes;
using System.Threading.Channels;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet.Streams;

/// <summary>Takes pieces from the output pump and writes them to a client as fast as that one
/// reads.</summary>
internal sealed class StreamCopy(Stream? target)
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();

    /// <summary>Called by the pump: a piece, or an empty one at the end.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) _pieces.Writer.TryComplete();
        else _pieces.Writer.TryWrite(bytes.ToArray());
    }

    /// <summary>Until the end; a client that went away takes no more.</summary>
    public async Task CopyAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var piece in _pieces.Reader.ReadAllAsync(cancel))
            {
                if (target is null) continue;
                await target.WriteAsync(piece, cancel);
                await target.FlushAsync(cancel);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone; the command is told by its own end.
        }
    }
}

/// <summary>A child's standard input, fed from a client.</summary>
internal sealed class InputPipe : IDisposable
{
    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.Out, HandleInheritability.None);

    public ChildStream ChildEnd => ChildStream.Descriptor(_pipe.ClientSafePipeHandle);

    public void CloseChildEnd() => _pipe.DisposeLocalCopyOfClientHandle();

    /// <summary>Until the client closes its input; then the child's ends too.</summary>
    public async Task FeedAsync(Stream source, CancellationToken cancel)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            while (await source.ReadAsync(buffer, cancel) is > 0 and var count)
            {
                await _pipe.WriteAsync(buffer.AsMemory(0, count), cancel);
                await _pipe.FlushAsync(cancel);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A command that does not read its input to the end is no fault.
        }
        await _pipe.DisposeAsync();
    }

    public void Dispose() => _pipe.Dispose();
}
