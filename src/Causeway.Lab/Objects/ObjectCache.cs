using System.Collections.Concurrent;
using System.Globalization;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Watching;

namespace Causeway.Lab.Objects;

/// <summary>
/// The objects of one resource as last heard: from the watch, and from the answers to our own writes, so that
/// a controller sees what it did without waiting for the watch. The higher resourceVersion wins.
/// </summary>
internal sealed class ObjectCache<T> where T : KubeObject
{
    private readonly KubeClient _client;
    private readonly KubeType<T> _type;
    private readonly ConcurrentDictionary<string, T> _objects = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Action<T?, T?>> _listeners = [];
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
        var reflector = new Reflector<T>(_client, _type, new() { OnProblem = onProblem }, time,
            new Random(seed));
        return reflector.Run(
            change =>
            {
                if (change.Kind == ChangeKind.Synced) _synced.TrySetResult();
                else if (change.New is { } now) Learn(now);
                else if (change.Old is { } gone) Forget(gone);
                return ValueTask.CompletedTask;
            },
            cancel);
    }

    /// <summary>Takes a version of an object, unless a newer one is known.</summary>
    public void Learn(T item)
    {
        T? before;
        lock (_lock)
        {
            before = _objects.GetValueOrDefault(KeyOf(item));
            if (before is not null && before.Metadata.Uid == item.Metadata.Uid
                && Version(before) >= Version(item)) return;
            _objects[KeyOf(item)] = item;
        }
        Tell(before, item);
    }

    /// <summary>The object with this uid is gone.</summary>
    public void Forget(T item)
    {
        lock (_lock)
        {
            if (_objects.GetValueOrDefault(KeyOf(item)) is not { } known
                || known.Metadata.Uid != item.Metadata.Uid) return;
            _objects.TryRemove(KeyOf(item), out _);
        }
        Tell(item, null);
    }

    private void Tell(T? before, T? now)
    {
        foreach (var listener in _listeners) listener(before, now);
    }

    /// <summary>The lab's API server counts; another's version that is no number is always taken as
    /// newer.</summary>
    private static long Version(T item) => long.TryParse(
        item.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version : 0;
}
