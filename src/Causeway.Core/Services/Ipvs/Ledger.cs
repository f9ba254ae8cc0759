using System.Diagnostics.CodeAnalysis;

namespace Causeway.Core.Services.Ipvs;

/// <summary>
/// What several owners put under keys, and what of it changed since the last look. Owners of one key agree on the
/// value; while a key passes from one to another, who speaks last is the new owner.
/// </summary>
internal sealed class Ledger<TKey, TValue>
    where TKey : notnull
    where TValue : struct
{
    private readonly Dictionary<TKey, (TValue Value, int Count)> _entries = [];

    // As it was before the first change since the last look; null: not there.
    private readonly Dictionary<TKey, TValue?> _before = [];

    public IEnumerable<KeyValuePair<TKey, TValue>> Entries =>
        _entries.Select(e => new KeyValuePair<TKey, TValue>(e.Key, e.Value.Value));

    public IReadOnlyCollection<TKey> Keys => _entries.Keys;

    public bool Contains(TKey key) => _entries.ContainsKey(key);

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var found = _entries.TryGetValue(key, out var entry);
        value = entry.Value;
        return found;
    }

    public void Put(TKey key, TValue value)
    {
        var count = 0;
        if (_entries.TryGetValue(key, out var entry))
        {
            count = entry.Count;
            if (!entry.Value.Equals(value)) _before.TryAdd(key, entry.Value);
        }
        else
        {
            _before.TryAdd(key, null);
        }
        _entries[key] = (value, count + 1);
    }

    public void Drop(TKey key)
    {
        var (value, count) = _entries[key];
        if (count > 1)
        {
            _entries[key] = (value, count - 1);
            return;
        }
        _before.TryAdd(key, value);
        _entries.Remove(key);
    }

    /// <summary>What is new, what has another value, and what is gone since the last call.</summary>
    public LedgerChange<TKey, TValue> Take()
    {
        List<KeyValuePair<TKey, TValue>> added = [], changed = [];
        List<TKey> removed = [];
        foreach (var (key, before) in _before)
        {
            if (!_entries.TryGetValue(key, out var now))
            {
                if (before is not null) removed.Add(key);
            }
            else if (before is not { } old)
            {
                added.Add(new(key, now.Value));
            }
            else if (!old.Equals(now.Value))
            {
                changed.Add(new(key, now.Value));
            }
        }
        _before.Clear();
        return new(added, changed, removed);
    }
}

/// <summary>What a ledger's owners changed.</summary>
public sealed record LedgerChange<TKey, TValue>(
    IReadOnlyList<KeyValuePair<TKey, TValue>> Added, IReadOnlyList<KeyValuePair<TKey, TValue>> Changed,
    IReadOnlyList<TKey> Removed)
{
    public bool IsEmpty => Added.Count + Changed.Count + Removed.Count == 0;
}
