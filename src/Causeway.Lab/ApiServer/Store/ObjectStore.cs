using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Causeway.Lab.ApiServer.Store;

/// <summary>
/// The objects: on disk, in memory for readers, and as a stream of events for watchers. All writes have one order,
/// and those that wait together are committed in one transaction, by whichever of their callers comes first: one
/// that comes alone waits for no other thread. A write is done when it is on disk. Safe for many threads.
/// </summary>
public sealed class ObjectStore : IDisposable
{
    private const int MaxBatch = 512;

    private readonly Database _database;
    private readonly ConcurrentQueue<WriteRequest> _writes = new();
    private readonly Lock _writing = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Subscription> _subscriptions = [];
    private readonly EventHistory _history;
    private volatile StoreState _state;
    private volatile bool _ended;

    /// <exception cref="Causeway.Core.InputException">The file cannot be used.</exception>
    public ObjectStore(string path, long? limit = null)
    {
        _database = new(path, limit);
        _state = _database.Load();
        _history = new(_state.Revision);
    }

    /// <summary>Everything, as of the latest write that is done.</summary>
    public StoreState State => _state;

    /// <param name="expected">The revision that the object must be at; 0: it must not exist.</param>
    /// <param name="document">Null deletes.</param>
    public Task<WriteResult> WriteAsync(ObjectKey key, long expected, ObjectDocument? document)
    {
        var request = new WriteRequest(key, expected, document);
        _writes.Enqueue(request);
        Write(request.Done.Task);
        return request.Done.Task;
    }

    /// <summary>Events from now on; <see cref="Subscription.Start"/> is the state they follow on.</summary>
    public Subscription Subscribe(string resource)
    {
        lock (_gate)
        {
            Subscription subscription = new(this, resource, _state);
            _subscriptions.Add(subscription);
            return subscription;
        }
    }

    /// <summary>Events after a revision; null when they are no longer, or not yet, known.</summary>
    public Subscription? Subscribe(string resource, long after)
    {
        lock (_gate)
        {
            if (after < _history.Floor || after > _state.Revision) return null;
            Subscription subscription = new(this, resource, _state);
            foreach (var entry in _history.After(after))
                if (entry.Key.Resource == resource)
                    subscription.Offer(new(entry, entry.Revision));
            _subscriptions.Add(subscription);
            return subscription;
        }
    }

    /// <summary>The resource's objects at an earlier revision; null when that is no longer known.</summary>
    public Collection? At(string resource, long revision)
    {
        lock (_gate)
        {
            if (revision == _state.Revision) return _state[resource];
            if (revision < _history.Floor || revision > _state.Revision) return null;
            var collection = _state[resource];
            foreach (var entry in _history.After(revision).Reverse())
                if (entry.Key.Resource == resource)
                    collection = collection.With(entry.Key, entry.Old);
            return collection;
        }
    }

    /// <summary>Tells every subscriber the revision up to which it has been told everything.</summary>
    public void Bookmark()
    {
        lock (_gate)
            foreach (var subscription in _subscriptions)
                subscription.Offer(new(null, _state.Revision));
    }

    public void Dispose()
    {
        lock (_writing)
        {
            WriteWaiting(untilDone: null);
            _ended = true;
            _database.Dispose();
        }
        lock (_gate)
            foreach (var subscription in _subscriptions)
                subscription.End();
    }

    internal void Unsubscribe(Subscription subscription)
    {
        lock (_gate) _subscriptions.Remove(subscription);
    }

    /// <summary>Writes what waits, unless somebody does so already: then that one takes it along.</summary>
    /// <param name="own">Once that is done, who is still waiting is written by another thread.</param>
    private void Write(Task? own)
    {
        // One that came when the other had just looked for the last time is seen here.
        while (!_writes.IsEmpty && _writing.TryEnter())
        {
            try
            {
                WriteWaiting(own);
            }
            finally
            {
                _writing.Exit();
            }
            if (own is not { IsCompleted: true } || _writes.IsEmpty) continue;
            _ = Task.Run(() => Write(null));
            return;
        }
    }

    private void WriteWaiting(Task? untilDone)
    {
        List<WriteRequest> batch = [];
        while (untilDone is not { IsCompleted: true })
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _writes.TryDequeue(out var request)) batch.Add(request);
            if (batch.Count == 0) return;
            WriteBatch(batch);
        }
    }

    private void WriteBatch(List<WriteRequest> batch)
    {
        if (_ended)
        {
            foreach (var request in batch)
                request.Done.SetResult(new(WriteStatus.Failed, Message: "the API server is stopping"));
            return;
        }
        var state = _state;
        List<StoreEvent> events = [];
        List<WriteResult> results = [];
        foreach (var request in batch)
        {
            var old = state.Find(request.Key);
            if ((old?.Revision ?? 0) != request.Expected || (old is null && request.Document is null))
            {
                results.Add(new(WriteStatus.Conflict, old));
                continue;
            }
            var revision = state.Revision + 1;
            var value = request.Document is { } d
                ? new StoredObject(request.Key, revision, d.Stamp(revision)) : null;
            state = state.With(request.Key, value) with { Revision = revision };
            StoreEvent entry = new(revision, request.Key, old, value);
            events.Add(entry);
            results.Add(new(WriteStatus.Written, entry.Object));
        }
        var failure = events.Count == 0 ? null : Commit(events);
        if (failure is null && events.Count > 0) Publish(state, events);
        // A conflict may have been with a write of the same batch: when that failed, so does this.
        for (var i = 0; i < batch.Count; i++) batch[i].Done.SetResult(failure ?? results[i]);
    }

    private WriteResult? Commit(List<StoreEvent> events)
    {
        try
        {
            _database.Commit(events);
            return null;
        }
        catch (SqliteException e) when (Database.IsFull(e))
        {
            return new(WriteStatus.Full, Message:
                $"no space left for the store {_database.Path}: nothing was written; free some space and try again");
        }
        catch (SqliteException e)
        {
            return new(WriteStatus.Failed,
                Message: $"cannot write to {_database.Path}: {Database.Explain(e)}");
        }
    }

    private void Publish(StoreState state, List<StoreEvent> events)
    {
        lock (_gate)
        {
            _state = state;
            foreach (var entry in events)
            {
                _history.Append(entry);
                foreach (var subscription in _subscriptions)
                    if (subscription.Resource == entry.Key.Resource)
                        subscription.Offer(new(entry, entry.Revision));
            }
        }
    }
}
