using System.Collections.Immutable;

namespace Causeway.Lab.ApiServer.Store;

/// <summary>All objects at one revision. Immutable: who holds it reads one consistent moment.</summary>
/// <param name="Revision">Of the last write in it.</param>
public sealed record StoreState(long Revision, ImmutableDictionary<string, Collection> Collections)
{
    public static readonly StoreState Empty = new(
        0, ImmutableDictionary.Create<string, Collection>(StringComparer.Ordinal));

    public Collection this[string resource] => Collections.GetValueOrDefault(resource, Collection.Empty);

    public StoredObject? Find(ObjectKey key) => this[key.Resource].Find(key);

    public StoreState With(ObjectKey key, StoredObject? value) =>
        this with { Collections = Collections.SetItem(key.Resource, this[key.Resource].With(key, value)) };
}

/// <summary>The objects of one resource, in order of namespace, then name.</summary>
public sealed class Collection
{
    public static readonly Collection Empty = new(Sorted<ImmutableSortedDictionary<string, StoredObject>>(),
        0);

    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string,
        StoredObject>> _namespaces;

    private Collection(
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> namespaces,
            int count)
    {
        _namespaces = namespaces;
        Count = count;
    }

    public int Count { get; }

    public StoredObject? Find(ObjectKey key) =>
        _namespaces.TryGetValue(key.Namespace, out var names) ? names.GetValueOrDefault(key.Name) : null;

    /// <param name="ns">Null for all namespaces.</param>
    public IEnumerable<StoredObject> List(string? ns)
    {
        if (ns is null) return _namespaces.Values.SelectMany(names => names.Values);
        return _namespaces.TryGetValue(ns, out var found) ? found.Values : [];
    }

    /// <param name="value">Null takes the object out.</param>
    public Collection With(ObjectKey key, StoredObject? value)
    {
        var names = _namespaces.GetValueOrDefault(key.Namespace) ?? Sorted<StoredObject>();
        var changed = value is null ? names.Remove(key.Name) : names.SetItem(key.Name, value);
        var namespaces = changed.IsEmpty
            ? _namespaces.Remove(key.Namespace)
            : _namespaces.SetItem(key.Namespace, changed);
        return new(namespaces, Count + changed.Count - names.Count);
    }

    private static ImmutableSortedDictionary<string, T> Sorted<T>() =>
        ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}
