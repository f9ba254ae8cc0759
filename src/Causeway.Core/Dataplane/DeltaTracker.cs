namespace Causeway.Core.Dataplane;

/// <summary>
/// What is desired and what is there, key by key, and the keys at which they differ. A change of either side costs
/// the same whatever the size of both. What is there and foreign is remembered, never deleted; what is there,
/// ours and not desired is pending deletion. Settings stay when nobody desires them any more.
/// </summary>
public sealed class DeltaTracker
{
    private readonly Dictionary<EntryKey, Entry> _desired = [];
    private readonly Dictionary<EntryKey, Entry> _actual = [];
    private readonly HashSet<EntryKey> _pending = [];

    public int PendingCount => _pending.Count;

    public IReadOnlyDictionary<EntryKey, Entry> Desired => _desired;

    public IReadOnlyDictionary<EntryKey, Entry> Actual => _actual;

    /// <summary>Sets or, with null, withdraws what is desired at a key.</summary>
    public void SetDesired(EntryKey key, Entry? entry) => Set(_desired, key, entry);

    /// <summary>Notes what stands at a key, or with null that nothing does.
    /// True when this made an agreeing key differ.</summary>
    public bool SetActual(EntryKey key, Entry? entry)
    {
        var pendingBefore = _pending.Contains(key);
        Set(_actual, key, entry);
        return !pendingBefore && _pending.Contains(key);
    }

    /// <summary>
    /// Replaces all that is known to be there for some kinds of entry, after a capture. Returns the keys
    /// that agreed before and differ now.
    /// </summary>
    public IReadOnlyList<EntryKey> Resync(DataplaneState observed, params ReadOnlySpan<EntryKind> kinds)
    {
        List<EntryKey> differing = [];
        List<EntryKey> gone = [];
        foreach (var key in _actual.Keys)
            if (kinds.Contains(key.Kind) && observed[key] is null)
                gone.Add(key);
        foreach (var key in gone)
            if (SetActual(key, null))
                differing.Add(key);
        foreach (var entry in observed.Entries)
            if (kinds.Contains(entry.Key.Kind) && SetActual(entry.Key, entry))
                differing.Add(entry.Key);
        return differing;
    }

    /// <summary>The operations that bring both sides together, in the order in which they are to be applied.</summary>
    public IReadOnlyList<Operation> Pending()
    {
        List<Operation> operations = new(_pending.Count);
        foreach (var key in _pending)
        {
            _actual.TryGetValue(key, out var actual);
            operations.Add(_desired.TryGetValue(key, out var desired) ? new Upsert(desired, actual) : new Delete(actual!));
        }
        operations.Sort(static (a, b) => a.Order.CompareTo(b.Order));
        return operations;
    }

    /// <summary>Notes that an operation was carried out.</summary>
    public void Done(Operation operation) =>
        SetActual(operation.Key, operation is Upsert upsert ? upsert.Planned : null);

    private void Set(Dictionary<EntryKey, Entry> side, EntryKey key, Entry? entry)
    {
        if (entry is null) side.Remove(key);
        else side[key] = entry;
        if (Differs(key)) _pending.Add(key);
        else _pending.Remove(key);
    }

    private bool Differs(EntryKey key)
    {
        var there = _actual.TryGetValue(key, out var actual);
        return _desired.TryGetValue(key, out var desired)
            ? !there || !actual!.Fulfils(desired)
            : there && Ownership.IsOurs(actual!);
    }
}
