namespace Causeway.Kubernetes.Watching;

/// <summary>What a reflector last knew, and the differences that events and lists make to it. Pure but for
/// its map.</summary>
/// <param name="keep">What is remembered of an object; null: all of it.</param>
internal sealed class KnownObjects<T>(Func<T, ObjectIdentity> identity, Func<T, T>? keep = null) where T : class
{
    private readonly Dictionary<string, T> _known = new(StringComparer.Ordinal);

    public int Count => _known.Count;

    public IReadOnlyCollection<T> All => _known.Values;

    /// <summary>Applies one event. An event that tells nothing new gives no change: watches may repeat
    /// themselves.</summary>
    public IEnumerable<Change<T>> Apply(WatchEvent<T> change)
    {
        if (change.Object is not { } item) return [];
        var key = identity(item).Key;
        if (change.Kind != WatchEventKind.Deleted) return Put(key, item);
        return _known.Remove(key, out var old) ? [new(ChangeKind.Deleted, old, null)] : [];
    }

    /// <summary>Applies a complete list: the real differences alone, deletions first.</summary>
    public IEnumerable<Change<T>> Replace(IReadOnlyList<T> items)
    {
        var present = items.Select(i => identity(i).Key).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _known.Keys.Where(k => !present.Contains(k)).ToList())
        {
            _known.Remove(gone, out var old);
            yield return new(ChangeKind.Deleted, old, null);
        }
        foreach (var item in items)
            foreach (var change in Put(identity(item).Key, item))
                yield return change;
    }

    private IEnumerable<Change<T>> Put(string key, T item)
    {
        if (!_known.TryGetValue(key, out var old))
        {
            _known[key] = keep?.Invoke(item) ?? item;
            return [new(ChangeKind.Added, null, item)];
        }
        var (before, after) = (identity(old), identity(item));
        if (before.Uid == after.Uid && before.ResourceVersion == after.ResourceVersion
            && after.ResourceVersion is not null) return [];
        _known[key] = keep?.Invoke(item) ?? item;
        // Another object under the same name: its predecessor's end was missed.
        if (before.Uid is not null && after.Uid is not null && before.Uid != after.Uid)
            return [new(ChangeKind.Deleted, old, null), new(ChangeKind.Added, null, item)];
        return [new(ChangeKind.Modified, old, item)];
    }
}
