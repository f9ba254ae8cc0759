using System.Collections.Concurrent;
using System.Globalization;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Watching;

namespace Causeway.Lab.Objects;

/// <summary>
/// The objects of one resource as last heard: from the watch, and from the answers to our own writes, so that
/// a controller sees what it did without waiting for the watch. The higher resourceVersion wins, and an answer
/// that the watch has gone past without it is about an object that is gone.
/// </summary>
internal sealed class ObjectCache<T> where T : KubeObject
{
    private readonly KubeClient _client;
    private readonly KubeType<T> _type;
    private readonly ConcurrentDictionary<string, T> _objects = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Action<T?, T?>> _listeners = [];

    /// <summary>Keys whose object came as an answer and has not been told by the watch yet.</summary>
    private readonly HashSet<string> _ahead = [];

    /// <summary>Up to which version the watch has told everything.</summary>
    private long _told;
    private readonly Lock _lock = new();

    public ObjectCache(KubeClient client, KubeType<T> type) => (_client, _type) = (client, type);

    public ApiResource Resource => _type.Resource;

    public Task Synced => _synced.Task;

    public ICollection<T> All => _objects.Values;

    /// <param name="key"><c>NAMESPACE/NAME</c> or <c>NAME</c>.</param>
    public T? Find(string key) => _objects.GetValueOrDefault(key);

    public static string KeyOf(KubeObject item) => KeyOf(item.Metadata.Namespace, item.Metadata.Name);

    public static string KeyOf(string? ns, string name) => string.IsNullOrEmpty(ns) ? name : $"{ns}/{name}";

    /// <summary>Called with what was before and what is now; either may be null. Register before
    /// <see cref="RunAsync"/>.</summary>
    public void OnChange(Action<T?, T?> listener) => _listeners.Add(listener);

    /// <summary>Follows the API until cancelled.</summary>
    public Task RunAsync(TimeProvider time, Action<string>? onProblem, CancellationToken cancel)
    {
        var seed = _type.Resource.Plural.Sum(c => c);
        var options = new ReflectorOptions { OnProblem = onProblem, OnTold = Told };
        return new Reflector<T>(_client, _type, options, time, new Random(seed)).Run(
            change =>
            {
                if (change.Kind == ChangeKind.Synced) _synced.TrySetResult();
                else change.Tell(Hear, Forget);
                return ValueTask.CompletedTask;
            },
            cancel);
    }

    /// <summary>Takes the answer to a write of ours, unless something newer is known.</summary>
    public void Learn(T item)
    {
        T? before;
        lock (_lock)
        {
            if (Version(item) <= _told && !_objects.ContainsKey(KeyOf(item)) || !Put(item, out before)) return;
            _ahead.Add(KeyOf(item));
        }
        Tell(before, item);
    }

    /// <summary>Takes what the watch tells, unless something newer is known.</summary>
    internal void Hear(T item)
    {
        T? before;
        lock (_lock)
        {
            var isNews = Put(item, out before);
            if (isNews || Version(before!) == Version(item)) _ahead.Remove(KeyOf(item));
            if (!isNews) return;
        }
        Tell(before, item);
    }

    /// <summary>The watch tells that the object with this uid is gone.</summary>
    internal void Forget(T item)
    {
        lock (_lock)
        {
            if (_objects.GetValueOrDefault(KeyOf(item)) is not { } known
                || known.Metadata.Uid != item.Metadata.Uid) return;
            Remove(KeyOf(item));
        }
        Tell(item, null);
    }

    /// <summary>The watch has told everything up to a version: an answer up to there that it did not tell is about an
    /// object that is gone.</summary>
    internal void Told(string version)
    {
        T[] gone;
        lock (_lock)
        {
            _told = Parse(version);
            if (_ahead.Count == 0) return;
            gone = [.. _ahead.Select(key => _objects[key]).Where(item => Version(item) <= _told)];
            foreach (var item in gone) Remove(KeyOf(item));
        }
        foreach (var item in gone) Tell(item, null);
    }

    private bool Put(T item, out T? before)
    {
        before = _objects.GetValueOrDefault(KeyOf(item));
        if (before is not null && Version(before) >= Version(item)) return false;
        _objects[KeyOf(item)] = item;
        return true;
    }

    private void Remove(string key)
    {
        _objects.TryRemove(key, out _);
        _ahead.Remove(key);
    }

    private void Tell(T? before, T? now)
    {
        foreach (var listener in _listeners) listener(before, now);
    }

    private static long Version(T item) => Parse(item.Metadata.ResourceVersion);

    /// <summary>The lab's API server counts (so do all, KEP-5504).</summary>
    private static long Parse(string? version) =>
        long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
