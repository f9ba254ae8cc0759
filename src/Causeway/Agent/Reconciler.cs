using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;

namespace Causeway.Agent;

/// <summary>
/// Keeps the kernel as planned. Events only mark what to look at; all kernel work is in one step of one loop:
/// take the news, read what is suspect, apply the difference. What the kernel refuses is tried again with patience.
/// </summary>
internal sealed class Reconciler
{
    /// <summary>Everything that a plan holds.</summary>
    public static readonly EntryKind[] AllKinds =
    [
        EntryKind.Link, EntryKind.LinkAddress, EntryKind.Sysctl, EntryKind.Neighbour, EntryKind.Fdb,
        EntryKind.Route, EntryKind.NftTable,
    ];

    private static readonly TimeSpan ResyncInterval = TimeSpan.FromSeconds(30);

    private readonly Inbox _inbox;
    private readonly DeltaTracker _tracker = new();
    private readonly NodePlanner _planner;
    private readonly PendingWork _work;
    private readonly KernelPort _kernel;
    private readonly AgentMetrics _metrics;
    private readonly AgentLog _log;
    private readonly TimeProvider _time;
    private readonly HashSet<EntryKind> _suspectKinds = [];
    private readonly HashSet<EntryKey> _suspects = [];
    private readonly List<(TaskCompletionSource<string?> Done, EntryKey[] Keys)> _waiters = [];
    private readonly Dictionary<string, (string? Uid, string? Version, long Sequence)> _blocks = new(StringComparer.Ordinal);
    private readonly UnannouncedLinks _unannounced;
    private readonly TaskCompletionSource<string?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _captured;
    private bool _started;
    private volatile bool _settled;

    public Reconciler(
        string node, KernelPort kernel, Action<Link> deleteLink, AgentMetrics metrics, AgentLog log, TimeProvider time)
    {
        _planner = new NodePlanner(node, _tracker.SetDesired);
        _kernel = kernel;
        _metrics = metrics;
        _log = log;
        _time = time;
        _inbox = new Inbox(time);
        _work = new PendingWork(_tracker, deleteLink, time);
        _unannounced = new UnannouncedLinks(time);
    }

    /// <summary>True once the kernel was as planned.</summary>
    public bool HasSettled => _settled;

    /// <summary>The same, and nothing that the kernel refuses is open.</summary>
    public bool Settled => _settled && !_work.AnyRefused;

    /// <summary>What the kernel refuses, one line each.</summary>
    public IReadOnlyList<string> Refusals => _work.Refusals;

    /// <summary>An object of the API as it is now.</summary>
    public void Set(KubeObject item) => Post(() => Plan(item));

    /// <summary>The same, of what this agent wrote itself: a pod that it is for is planned already.</summary>
    public void Wrote(KubeObject item) => _inbox.Leave(() => Plan(item));

    public void Removed(KubeObject item) => Post(() =>
    {
        if (item is IpamBlock) _blocks.Remove(item.Metadata.Name);
        _planner.Remove(item);
    });

    /// <summary>The API has told everything: from here on what is ours and not planned is removed.</summary>
    public void Start() => Post(() =>
    {
        _started = true;
        Suspect(AllKinds);
    });

    /// <summary>The kernel says that something is now so, or with null gone.</summary>
    public void Observed(EntryKey key, Entry? entry) => Post(() => Note(key, entry));

    /// <summary>The kernel's notifications were lost, or do not say what changed.</summary>
    public void Suspect(params EntryKind[] kinds) => Post(() => _suspectKinds.UnionWith(kinds));

    /// <summary>As the other, if so when its turn comes: after what is being applied meanwhile.</summary>
    public void SuspectIf(Func<bool> condition, EntryKind kind) => Post(() =>
    {
        if (condition()) _suspectKinds.Add(kind);
    });

    /// <summary>Ends when everything posted before has been applied: with null when each of the keys is in the kernel
    /// as planned (or gone, where nothing is planned), else with the reason. One that comes after the loop's end is
    /// not kept waiting.</summary>
    public Task<string?> EnsureAsync(params EntryKey[] keys)
    {
        var done = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            foreach (var key in keys.Where(k => k.Kind == EntryKind.Link)) Look(key.Name);
            _waiters.Add((done, keys));
        });
        return Task.WhenAny(done.Task, _ended.Task).Unwrap();
    }

    /// <summary>The writing of a pod's addresses has ended, well or not: what the block has is what its device
    /// gets.</summary>
    public void Written(string device) => _inbox.Leave(() => _planner.Unexpect(device));

    /// <summary>A link that was to go could not be deleted: it is tried again.</summary>
    public void DeletionFailed(Link link, string error) => Post(() => _work.DeletionFailed(new Delete(link), error));

    /// <summary>Takes a pod's device out of use at once, whatever the plan still says: its routes go and it is down.
    /// It stays so until it is deleted, or <see cref="InstallAsync"/> takes it into use again.</summary>
    public Task<string?> WithdrawAsync(string device)
    {
        Post(() =>
        {
            _work.Withdraw(device);
            Look(device);
            if (_tracker.Actual.GetValueOrDefault(new EntryKey(EntryKind.Link, device)) is not Link link) return;
            Operation[] operations =
            [
                .. _tracker.Actual.Values.OfType<Route>()
                    .Where(r => r.Device == device && Ownership.IsOurs(r)).Select(r => new Delete(r)),
                new Upsert(link with { Up = false }, link),
            ];
            foreach (var (operation, error) in _kernel.Apply(operations))
                _log.Refused(operation.ToString(), error);
            foreach (var operation in operations) _tracker.Done(operation);
        });
        return EnsureAsync();
    }

    /// <summary>Takes a pod's device into use, perhaps while the API still writes its addresses, however long that
    /// takes: it is planned from here on, at the least until <see cref="Written"/>. Ends as
    /// <see cref="MissingAsync"/>.</summary>
    public Task<string?> InstallAsync(string device, IReadOnlyList<IpAddress> addresses, Origin? origin)
    {
        Post(() =>
        {
            _planner.Expect(device, addresses, origin);
            _work.Reinstate(device);
        });
        return MissingAsync(device, addresses);
    }

    /// <summary>Ends when a pod's device and the routes to its addresses are in the kernel; with the reason when
    /// they are not.</summary>
    public Task<string?> MissingAsync(string device, IEnumerable<IpAddress> addresses) => EnsureAsync([
        new EntryKey(EntryKind.Link, device),
        .. addresses.Select(a => EndpointPlan.Entries(device, a, null).OfType<Route>().Single().Key),
    ]);

    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await FollowAsync(cancel);
        }
        finally
        {
            _ended.TrySetResult("the agent is stopping");
        }
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        var nextResync = _time.GetUtcNow() + ResyncInterval;
        while (true)
        {
            DateTimeOffset?[] times = [_work.NextTry, _unannounced.Next, nextResync];
            await _inbox.WaitAsync(times.Min()!.Value, cancel);
            _inbox.Take();
            if (!_started) continue;
            foreach (var entry in _unannounced.Overdue()) Learn(entry.Key, entry);
            if (_time.GetUtcNow() >= nextResync)
            {
                _suspectKinds.UnionWith(AllKinds);
                nextResync = _time.GetUtcNow() + ResyncInterval;
            }
            if (Capture()) Apply();
            Answer();
        }
    }

    private void Post(Action take) => _inbox.Post(take);

    private void Plan(KubeObject item)
    {
        if (item is IpamBlock block && IsKnown(block)) return;
        _planner.Set(item);
    }

    private void Note(EntryKey key, Entry? entry)
    {
        if (!_unannounced.IsPast(key, entry)) Learn(key, entry);
    }

    /// <summary>A device that somebody just made, or took away, may not have been announced yet.</summary>
    private void Look(string device)
    {
        // The first reading of everything is still to come.
        if (!_captured) return;
        EntryKey key = new(EntryKind.Link, device);
        try
        {
            var link = _kernel.Link(device);
            if (link is not null) Meet(link);
            Learn(key, link);
        }
        catch (IOException)
        {
            _suspectKinds.Add(EntryKind.Link);
        }
    }

    // One that was made anew under a known name is another; and of a pod's, which is being set up, there is more news to
    // come when it is not as it was last told of.
    private void Meet(Link link)
    {
        var known = _tracker.Actual.GetValueOrDefault(link.Key) as Link;
        if (known?.Index != link.Index || Ownership.IsPodDevice(link.Name) && !known.Equals(link)) _unannounced.Add(link);
    }

    private void Learn(EntryKey key, Entry? entry)
    {
        var before = _tracker.Actual.GetValueOrDefault(key);
        // What is not planned is no loss: it is deleted as it is, where it is ours.
        if (_tracker.SetActual(key, entry) && _tracker.Desired.ContainsKey(key))
        {
            _suspects.Add(key);
            _suspectKinds.Add(key.Kind);
        }
        if (entry is not null || before is not null) _work.Retry(key);
        // The kernel drops routes and neighbours of a device that goes down without a word about them.
        if (key.Kind == EntryKind.Link && !_work.IsWithdrawn(key.Name) && before is Link { Up: true } && entry is not Link { Up: true }
            && (_tracker.Desired.ContainsKey(key) || key.Name == _planner.Local?.Device))
        {
            _suspectKinds.UnionWith(AllKinds.Except([EntryKind.NftTable]));
        }
    }

    /// <summary>Reads what is suspect. False when the kernel could not be read: then nothing is applied on a guess.</summary>
    private bool Capture()
    {
        if (_suspectKinds.Count == 0) return true;
        EntryKind[] kinds = [.. _suspectKinds];
        try
        {
            var observed = _kernel.Capture(kinds);
            // Of what was there at the beginning there are no news to come.
            if (_captured && kinds.Contains(EntryKind.Link))
                foreach (var link in observed.All<Link>()) Meet(link);
            foreach (var key in _tracker.Resync(observed, kinds)) _suspects.Add(key);
            // What the first reading finds missing is not yet made, rather than broken by somebody.
            if (_captured) Report();
            if (kinds.Contains(EntryKind.Link)) _work.ForgetGone();
            _suspects.Clear();
            _suspectKinds.Clear();
            _captured = true;
            return true;
        }
        catch (IOException e)
        {
            _log.Failed("reading the kernel", e.Message);
            _work.Postpone();
            return false;
        }
    }

    private void Report()
    {
        foreach (var key in _suspects)
        {
            if (!_work.IsPending(key) || !_tracker.Desired.TryGetValue(key, out var desired)) continue;
            _metrics.Repairs.Add();
            var actual = _tracker.Actual.GetValueOrDefault(key);
            _log.Repairing(actual is null ? $"'{desired}' is gone" : $"'{actual}' should be '{desired}'");
        }
    }

    private void Apply()
    {
        var operations = _work.Due();
        if (operations.Count > 0)
        {
            var start = _time.GetTimestamp();
            var errors = _kernel.Apply(operations).ToDictionary(e => e.Operation, e => e.Error);
            _metrics.ApplySeconds.Add(_time.GetElapsedTime(start).TotalSeconds);
            _metrics.Operations.Add(operations.Count);
            foreach (var operation in operations) Finish(operation, errors.GetValueOrDefault(operation));
        }
        _metrics.PendingOperations.Set(_tracker.PendingCount);
        if (_settled || _work.AnyRefused || _planner.Local is null) return;
        _settled = true;
        _log.Ready(_tracker.Desired.Count);
    }

    private void Finish(Operation operation, string? error)
    {
        if (error is null)
        {
            _tracker.Done(operation);
            _work.Done(operation.Key);
            _log.Applied(operation);
            return;
        }
        _metrics.OperationErrors.Add();
        if (_work.Refused(operation, error)) _log.Refused(operation.ToString()!, error);
        // The operation rested on what was believed to be there.
        _suspectKinds.Add(operation.Key.Kind);
    }

    private void Answer()
    {
        foreach (var (done, keys) in _waiters)
            done.TrySetResult(keys.Select(_work.WhyNot).FirstOrDefault(reason => reason is not null));
        _waiters.Clear();
    }

    // The agent's own writes come back by the watch, perhaps after newer ones.
    private bool IsKnown(IpamBlock block)
    {
        var name = block.Metadata.Name;
        var now = (block.Metadata.Uid, block.Metadata.ResourceVersion, block.Spec.Sequence);
        if (_blocks.TryGetValue(name, out var known) && known.Uid == now.Uid
            && (known.Sequence > now.Sequence || known == now && now.ResourceVersion is not null)) return true;
        _blocks[name] = now;
        return false;
    }
}
