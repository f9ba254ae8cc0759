namespace Causeway.Kubernetes.Watching;

/// <summary>Counters of one reflector, for metrics. Written by it alone; readable from any thread.</summary>
public sealed class ReflectorStatistics
{
    private long _lists;
    private long _watches;
    private long _events;
    private long _errors;
    private long _undecodable;
    private long _lastHeard;
    private int _objects;
    private volatile bool _synced;

    public long Lists => Interlocked.Read(ref _lists);

    public long Watches => Interlocked.Read(ref _watches);

    public long Events => Interlocked.Read(ref _events);

    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Objects that could not be decoded and were left out.</summary>
    public long Undecodable => Interlocked.Read(ref _undecodable);

    /// <summary>How many objects are known now.</summary>
    public int Objects => Volatile.Read(ref _objects);

    /// <summary>The first list has been told.</summary>
    public bool Synced => _synced;

    /// <summary>When the server last said anything, a bookmark included; null before the first
    /// list.</summary>
    public DateTimeOffset? LastHeard => Interlocked.Read(ref _lastHeard) is var ticks and not 0
        ? new DateTimeOffset(ticks, TimeSpan.Zero)
        : null;

    internal void CountList() => Interlocked.Increment(ref _lists);

    internal void CountWatch() => Interlocked.Increment(ref _watches);

    internal void CountError() => Interlocked.Increment(ref _errors);

    internal void CountUndecodable() => Interlocked.Increment(ref _undecodable);

    internal void CountEvent(int objects, DateTimeOffset now)
    {
        Interlocked.Increment(ref _events);
        Volatile.Write(ref _objects, objects);
        Interlocked.Exchange(ref _lastHeard, now.UtcTicks);
    }

    internal void MarkSynced(int objects, DateTimeOffset now)
    {
        _synced = true;
        Volatile.Write(ref _objects, objects);
        Interlocked.Exchange(ref _lastHeard, now.UtcTicks);
    }
}
