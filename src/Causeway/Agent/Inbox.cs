using System.Threading.Channels;

namespace Causeway.Agent;

/// <summary>What events leave for the one loop that takes them, in their order. Any thread may post.</summary>
internal sealed class Inbox(TimeProvider time)
{
    private readonly Channel<Action> _posted = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private Task? _next;

    public void Post(Action take) => _posted.Writer.TryWrite(take);

    /// <summary>Takes all that is there.</summary>
    public void Take()
    {
        while (_posted.Reader.TryRead(out var take)) take();
    }

    /// <summary>Ends when something was posted, or at the time. Throws when cancelled.</summary>
    public async Task WaitAsync(DateTimeOffset until, CancellationToken cancel)
    {
        var pause = until - time.GetUtcNow();
        if (_posted.Reader.TryPeek(out _) || pause <= TimeSpan.Zero) return;
        // Kept over the times that pass without news: giving a wait up is an exception.
        _next ??= _posted.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(_next, Task.Delay(pause, time, end.Token));
        await end.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        if (_next.IsCompleted) _next = null;
    }
}
