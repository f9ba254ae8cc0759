using Causeway.Core.Dataplane;

namespace Causeway.Agent;

/// <summary>
/// Which of the pending operations are due: not those that wait for a device that the CNI plugin makes, nor those that
/// the kernel refused a moment ago. Deleting a link takes the kernel 16 ms, so that goes on beside the loop.
/// </summary>
internal sealed class PendingWork(DeltaTracker tracker, Action<Link> deleteLink, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // A device that a plugin makes is planned from its installation on, once there are addresses for it.
    private static readonly TimeSpan StrayGrace = TimeSpan.FromSeconds(10);

    // Whoever undoes an entry this often is not to be won by being faster.
    private static readonly TimeSpan ContestWindow = TimeSpan.FromSeconds(10);
    private const int ContestLimit = 20;

    private readonly Dictionary<EntryKey, (string Error, string What, TimeSpan Pause, DateTimeOffset Next)> _refused = [];
    private readonly Dictionary<EntryKey, (int Times, DateTimeOffset Since)> _applied = [];
    private readonly HashSet<EntryKey> _deleting = [];
    private readonly Dictionary<EntryKey, DateTimeOffset> _strays = [];
    private readonly HashSet<string> _withdrawn = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private DateTimeOffset? _postponed;

    /// <summary>When to look again at what was refused; null when nothing was.</summary>
    public DateTimeOffset? NextTry
    {
        get
        {
            lock (_gate)
                return _postponed ?? _refused.Values.Select(r => r.Next)
                    .Concat(_strays.Where(s => !_deleting.Contains(s.Key)).Select(s => s.Value + StrayGrace))
                    .Cast<DateTimeOffset?>().Min();
        }
    }

    public bool AnyRefused
    {
        get { lock (_gate) return _refused.Count > 0; }
    }

    public IReadOnlyList<string> Refusals
    {
        get { lock (_gate) return [.. _refused.Values.Select(r => $"{r.What}: {r.Error}")]; }
    }

    public IReadOnlyList<Operation> Due()
    {
        lock (_gate)
        {
            _postponed = null;
            var now = time.GetUtcNow();
            List<Operation> due = [];
            foreach (var operation in tracker.Pending())
            {
                if (_refused.TryGetValue(operation.Key, out var refusal) && refusal.Next > now) continue;
                if (operation is Delete { Observed: Link link }) DeleteStray(link, now);
                else if (operation is Upsert upsert && WaitsForDevice(upsert)) _refused.Remove(operation.Key);
                else if (IsContested(operation.Key, now)) Refuse(operation, "it does not stay as it was made", out _);
                else due.Add(operation);
            }
            // What was refused and is no longer wanted.
            foreach (var key in _refused.Keys.Where(k => !IsPending(k)).ToList()) _refused.Remove(key);
            foreach (var key in _strays.Keys.Where(k => !IsPending(k)).ToList()) _strays.Remove(key);
            return due;
        }
    }

    /// <summary>An operation was carried out.</summary>
    public void Done(EntryKey key)
    {
        lock (_gate)
        {
            _refused.Remove(key);
            var now = time.GetUtcNow();
            _applied[key] = _applied.TryGetValue(key, out var before) && now - before.Since < ContestWindow
                ? (before.Times + 1, before.Since)
                : (1, now);
            if (_applied.Count > 1024)
                foreach (var (old, _) in _applied.Where(a => now - a.Value.Since >= ContestWindow).ToList()) _applied.Remove(old);
        }
    }

    /// <summary>True when this refusal is news.</summary>
    public bool Refused(Operation operation, string error)
    {
        lock (_gate)
        {
            Refuse(operation, error, out var news);
            return news;
        }
    }

    private void Refuse(Operation operation, string error, out bool news)
    {
        var known = _refused.TryGetValue(operation.Key, out var before);
        var pause = known ? before.Pause * 2 : ShortestPause;
        if (pause > LongestPause) pause = LongestPause;
        _refused[operation.Key] = (error, operation.ToString()!, pause, time.GetUtcNow() + pause);
        news = !known || before.Error != error;
    }

    private bool IsContested(EntryKey key, DateTimeOffset now) =>
        _applied.TryGetValue(key, out var applied) && applied.Times >= ContestLimit && now - applied.Since < ContestWindow;

    /// <summary>Something changed at this key: what was refused may go now.</summary>
    public void Retry(EntryKey key)
    {
        lock (_gate)
        {
            if (key.Kind == EntryKind.Link) _refused.Clear();
            else _refused.Remove(key);
            if (key.Kind == EntryKind.Link && !tracker.Actual.ContainsKey(key))
            {
                _deleting.Remove(key);
                _withdrawn.Remove(key.Name);
            }
        }
    }

    /// <summary>From here on this pod's device is nobody's business but that of who deletes it.</summary>
    public void Withdraw(string device) => _withdrawn.Add(device);

    public void Reinstate(string device) => _withdrawn.Remove(device);

    /// <summary>The deletion of a link that was begun has failed.</summary>
    public void DeletionFailed(Delete deletion, string error)
    {
        lock (_gate)
        {
            if (!_deleting.Remove(deletion.Key)) return;
            Refuse(deletion, error, out _);
        }
    }

    /// <summary>All links have been read: those that are not there any more need no memory.</summary>
    public void ForgetGone()
    {
        lock (_gate)
        {
            _deleting.RemoveWhere(key => !tracker.Actual.ContainsKey(key));
            _withdrawn.RemoveWhere(device => !tracker.Actual.ContainsKey(new EntryKey(EntryKind.Link, device)));
        }
    }

    public bool IsWithdrawn(string device) => _withdrawn.Contains(device);

    public void Postpone()
    {
        lock (_gate) _postponed = time.GetUtcNow() + TimeSpan.FromSeconds(1);
    }

    public bool IsPending(EntryKey key)
    {
        var planned = tracker.Desired.GetValueOrDefault(key);
        var actual = tracker.Actual.GetValueOrDefault(key);
        return planned is null
            ? actual is not null && Ownership.IsOurs(actual)
            : actual is null || !actual.Fulfils(planned);
    }

    /// <summary>Null when a key is as planned; else the reason, in words for the one who waits for it.</summary>
    public string? WhyNot(EntryKey key)
    {
        lock (_gate)
        {
            if (!IsPending(key) || _deleting.Contains(key)) return null;
            if (_refused.TryGetValue(key, out var refusal)) return $"{refusal.What}: {refusal.Error}";
            return tracker.Desired.TryGetValue(key, out var planned)
                ? $"'{planned}' is not in the kernel"
                : $"'{tracker.Actual[key]}' is still in the kernel";
        }
    }

    private void DeleteStray(Link link, DateTimeOffset now)
    {
        if (Ownership.IsPodDevice(link.Name))
        {
            _strays.TryAdd(link.Key, now);
            if (now - _strays[link.Key] < StrayGrace) return;
        }
        if (_deleting.Add(link.Key)) deleteLink(link);
    }

    // Only the plugin can make a pod's veth pair; everything that hangs on it comes when it is there.
    private bool WaitsForDevice(Upsert upsert)
    {
        var device = upsert.Planned switch
        {
            Link link => link.Name,
            Route route => route.Device,
            Sysctl sysctl => sysctl.Device,
            Neighbour neighbour => neighbour.Device,
            _ => null,
        };
        return device is not null
            && Ownership.IsPodDevice(device)
            && (_withdrawn.Contains(device) || !tracker.Actual.ContainsKey(new EntryKey(EntryKind.Link, device)));
    }
}
