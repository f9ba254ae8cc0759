using Causeway.Core.Dataplane;

namespace Causeway.Core.Routing;

/// <summary>
/// Entries by the source that wants them. Where two sources want different things at one key, the source that
/// comes first by name wins, whatever the order in which they came.
/// </summary>
internal sealed class Contributions(Action<EntryKey, Entry?> changed)
{
    private readonly Dictionary<string, Entry[]> _bySource = new(StringComparer.Ordinal);
    private readonly Dictionary<EntryKey, Entry> _winners = [];

    // Only the keys that more than one source wants: with thousands of blocks these are few.
    private readonly Dictionary<EntryKey, SortedDictionary<string, Entry>> _contested = [];
    private readonly Dictionary<EntryKey, string> _owners = [];

    public IEnumerable<Entry> Entries => _winners.Values;

    public IEnumerable<string> Sources => _bySource.Keys;

    /// <summary>Replaces what a source wants; only real differences are reported.</summary>
    public void Set(string source, IEnumerable<Entry> entries)
    {
        HashSet<EntryKey> keys = [];
        var next = entries.Where(e => keys.Add(e.Key)).ToArray();
        if (next.Length == 0 && !_bySource.ContainsKey(source)) return;
        var before = _bySource.GetValueOrDefault(source, []);
        if (next.Length == 0) _bySource.Remove(source);
        else _bySource[source] = next;
        foreach (var gone in before.Where(b => !keys.Contains(b.Key))) Withdraw(source, gone.Key);
        foreach (var entry in next) Want(source, entry);
    }

    public void Remove(string source) => Set(source, []);

    private void Want(string source, Entry entry)
    {
        if (!_owners.TryGetValue(entry.Key, out var owner) || owner == source && !_contested.ContainsKey(entry.Key))
        {
            _owners[entry.Key] = source;
            Win(entry);
            return;
        }
        if (!_contested.TryGetValue(entry.Key, out var rivals))
        {
            rivals = new(StringComparer.Ordinal) { [owner!] = _winners[entry.Key] };
            _contested[entry.Key] = rivals;
        }
        rivals[source] = entry;
        Crown(entry.Key, rivals);
    }

    private void Withdraw(string source, EntryKey key)
    {
        if (!_contested.TryGetValue(key, out var rivals))
        {
            _owners.Remove(key);
            _winners.Remove(key);
            changed(key, null);
            return;
        }
        rivals.Remove(source);
        Crown(key, rivals);
        if (rivals.Count == 1) _contested.Remove(key);
    }

    private void Crown(EntryKey key, SortedDictionary<string, Entry> rivals)
    {
        var (source, entry) = rivals.First();
        _owners[key] = source;
        Win(entry);
    }

    private void Win(Entry entry)
    {
        if (_winners.TryGetValue(entry.Key, out var before) && before.Equals(entry)) return;
        _winners[entry.Key] = entry;
        changed(entry.Key, entry);
    }
}
