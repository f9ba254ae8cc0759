using System.Collections.Immutable;

namespace Causeway.Core.Dataplane;

/// <summary>
/// What one kernel (one network namespace) holds, or should hold: entries by key. Immutable; two dataplanes
/// with the same entries are the same whatever the order they were added in.
/// </summary>
public sealed class DataplaneState
{
    public static readonly DataplaneState Empty = new(ImmutableDictionary<EntryKey, Entry>.Empty);

    private readonly ImmutableDictionary<EntryKey, Entry> _entries;

    private DataplaneState(ImmutableDictionary<EntryKey, Entry> entries) => _entries = entries;

    /// <summary>From entries in any order. Two different entries with one key throw: a broken plan.</summary>
    public static DataplaneState Of(IEnumerable<Entry> entries)
    {
        var builder = ImmutableDictionary.CreateBuilder<EntryKey, Entry>();
        foreach (var entry in entries)
        {
            if (builder.TryGetValue(entry.Key, out var other) && !entry.Equals(other))
                throw new ArgumentException($"two entries for one place: '{other}' and '{entry}'");
            builder[entry.Key] = entry;
        }
        return new(builder.ToImmutable());
    }

    public int Count => _entries.Count;

    public IEnumerable<Entry> Entries => _entries.Values;

    public Entry? this[EntryKey key] => _entries.GetValueOrDefault(key);

    public IEnumerable<T> All<T>() where T : Entry => _entries.Values.OfType<T>();

    public Link? Link(string name) => this[new EntryKey(EntryKind.Link, name)] as Link;

    public Link? Link(int index) => All<Link>().FirstOrDefault(l => l.Index == index);

    /// <summary>The value of a setting, or null when it was not captured.</summary>
    public string? Sysctl(string path) => (this[new EntryKey(EntryKind.Sysctl, path)] as Sysctl)?.Value;

    public DataplaneState With(Entry entry) => new(_entries.SetItem(entry.Key, entry));

    public DataplaneState Without(EntryKey key) => new(_entries.Remove(key));
}
