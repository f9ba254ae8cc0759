using System.Threading.Channels;

namespace Causeway.Lab.ApiServer.Store;

/// <summary>What a subscriber is told: an event, or that it has seen all up to a revision (a
/// bookmark).</summary>
public readonly record struct Notice(StoreEvent? Event, long Revision);

/// <summary>
/// The events of one resource, in order, without gaps. A reader too slow for its queue is cut off: its stream
/// ends, and it has to start over from a list.
/// </summary>
public sealed class Subscription : IDisposable
{
    private const int QueueLength = 20_000;

    private readonly ObjectStore _store;
    private readonly Channel<Notice> _queue = Channel.CreateBounded<Notice>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true,
            AllowSynchronousContinuations = false });

    internal Subscription(ObjectStore store, string resource, StoreState start)
    {
        _store = store;
        Resource = resource;
        Start = start;
    }

    public string Resource { get; }

    /// <summary>The store when the subscription began; unless resumed from before, events are those after
    /// it.</summary>
    public StoreState Start { get; }

    public ChannelReader<Notice> Notices => _queue.Reader;

    public void Dispose()
    {
        _store.Unsubscribe(this);
        _queue.Writer.TryComplete();
    }

    internal void Offer(Notice notice)
    {
        if (!_queue.Writer.TryWrite(notice)) _queue.Writer.TryComplete();
    }

    internal void End() => _queue.Writer.TryComplete();
}
