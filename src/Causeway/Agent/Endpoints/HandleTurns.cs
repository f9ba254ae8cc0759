namespace Causeway.Agent.Endpoints;

/// <summary>
/// One operation at a time for each handle, in order of arrival. An ADD that runs or waits can be cancelled:
/// a DELETE does so before it queues up, and then finds what the ADD left, which is nothing.
/// </summary>
internal sealed class HandleTurns
{
    private readonly Dictionary<string, Queue> _queues = new(StringComparer.Ordinal);

    /// <summary>Waits for the handle's turn; dispose it to let the next one go.</summary>
    /// <param name="cancellable">Whether <see cref="CancelAll"/> reaches this one.</param>
    public async Task<Turn> EnterAsync(string handle, bool cancellable, CancellationToken cancel)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Queue queue;
        lock (_queues)
        {
            if (!_queues.TryGetValue(handle, out queue!)) _queues[handle] = queue = new Queue();
            queue.Users++;
            if (cancellable) queue.Cancellable.Add(source);
        }
        try
        {
            await queue.Gate.WaitAsync(source.Token);
        }
        catch
        {
            Leave(handle, queue, source);
            throw;
        }
        return new Turn(
            () =>
            {
                queue.Gate.Release();
                Leave(handle, queue, source);
            },
            source.Token);
    }

    /// <summary>Cancels the cancellable ones of a handle, running or waiting.</summary>
    public void CancelAll(string handle)
    {
        CancellationTokenSource[] sources;
        lock (_queues) sources = _queues.TryGetValue(handle, out var queue) ? [.. queue.Cancellable] : [];
        foreach (var source in sources)
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended meanwhile.
            }
        }
    }

    private void Leave(string handle, Queue queue, CancellationTokenSource source)
    {
        lock (_queues)
        {
            queue.Cancellable.Remove(source);
            if (--queue.Users == 0)
            {
                _queues.Remove(handle);
                queue.Gate.Dispose();
            }
        }
        source.Dispose();
    }

    private sealed class Queue
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public HashSet<CancellationTokenSource> Cancellable { get; } = [];

        public int Users { get; set; }
    }

    /// <summary>The right to work on a handle.</summary>
    internal sealed class Turn(Action leave, CancellationToken cancelled) : IDisposable
    {
        private Action? _leave = leave;

        public CancellationToken Cancelled { get; } = cancelled;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
