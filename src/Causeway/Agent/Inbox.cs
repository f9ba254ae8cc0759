using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Causeway.Agent;

/// <summary>What events leave for the one loop that takes them, in their order. Any thread may post.</summary>
internal sealed class Inbox
{
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeProvider _time;
    private readonly ITimer _alarm;
    private DateTimeOffset _armed = DateTimeOffset.MaxValue;

    public Inbox(TimeProvider time)
    {
        _time = time;
        _alarm = time.CreateTimer(_ => Post(Disarm), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Post(Action take)
    {
        _posted.Enqueue(take);
        _bell.Writer.TryWrite(true);
    }

    /// <summary>As <see cref="Post"/>, for what has time until the loop has something else to do, or its time
    /// comes.</summary>
    public void Leave(Action take) => _posted.Enqueue(take);

    /// <summary>Takes all that is there.</summary>
    public void Take()
    {
        while (_posted.TryDequeue(out var take)) take();
    }

    /// <summary>Ends when something was posted, or at the time; sometimes earlier. Throws when cancelled.</summary>
    public async Task WaitAsync(DateTimeOffset until, CancellationToken cancel)
    {
        while (true)
        {
            // It may ring for what was taken already.
            if (_bell.Reader.TryRead(out _) && !_posted.IsEmpty) return;
            var pause = until - _time.GetUtcNow();
            if (pause <= TimeSpan.Zero) return;
            // An alarm that comes too early does no harm, and news are more frequent than alarms: it is left as it is.
            if (until < _armed)
            {
                _armed = until;
                _alarm.Change(pause, Timeout.InfiniteTimeSpan);
            }
            await _bell.Reader.WaitToReadAsync(cancel);
        }
    }

    private void Disarm() => _armed = DateTimeOffset.MaxValue;
}
