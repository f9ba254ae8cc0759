namespace Causeway.Kubernetes.Watching;

/// <summary>What a reflector follows, and its patience.</summary>
public sealed record ReflectorOptions
{
    /// <summary>Null: all namespaces, or a cluster-scoped resource.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    public int PageSize { get; init; } = 500;

    /// <summary>The first list, too, is not to come from a server's memory, which may lag: for those who undo what it
    /// does not hold.</summary>
    public bool Fresh { get; init; }

    public TimeSpan ShortestPause { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Each watch lives between this and twice this, drawn anew, so that a fleet's watches do not
    /// end together.</summary>
    public TimeSpan WatchLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Told what went wrong, in one line, each time the reflector has to wait or start
    /// again.</summary>
    public Action<string>? OnProblem { get; init; }

    /// <summary>Called after each list and event with the resourceVersion up to which everything has been told.</summary>
    public Action<string>? OnTold { get; init; }
}

/// <summary>
/// Keeps one consumer's view of a resource equal to the API: list, then watch from there, for ever. A lost
/// connection resumes at the last version; a version that is gone lists again and tells the differences
/// alone; while the server is away the last known state stays. Changes of one object come in order; the
/// consumer is called for one at a time.
/// </summary>
public sealed class Reflector<T> where T : class
{
    private readonly KubeClient _client;
    private readonly KubeType<T> _type;
    private readonly ReflectorOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly KnownObjects<T> _known;
    private readonly Backoff _backoff;
    private Func<Change<T>, ValueTask> _deliver = _ => ValueTask.CompletedTask;
    private string? _version;
    private bool _expired;

    /// <param name="random">For jitter; seeded by the caller, and used by this reflector alone.</param>
    /// <param name="keep">What is remembered of an object, and told as <see cref="Change{T}.Old"/>: at least what
    /// identifies it. Null: all of it.</param>
    public Reflector(
        KubeClient client, KubeType<T> type, ReflectorOptions options, TimeProvider time, Random random,
        Func<T, T>? keep = null)
    {
        _client = client;
        _type = type;
        _options = options;
        _time = time;
        _random = random;
        _known = new(type.Identity, keep);
        _backoff = new(options.ShortestPause, options.LongestPause, random);
    }

    public ReflectorStatistics Statistics { get; } = new();

    /// <summary>Runs until cancelled, and then throws <see cref="OperationCanceledException"/>. What the
    /// consumer throws ends it too. Call it once.</summary>
    public async Task Run(Func<Change<T>, ValueTask> deliver, CancellationToken cancel)
    {
        _deliver = deliver;
        while (true)
        {
            try
            {
                if (_version is null) await List(cancel);
                await Watch(cancel);
            }
            catch (KubeException e) when (e.IsGone || e.Reason == "BadAnswer")
            {
                // The pause keeps a server whose history is shorter than a list takes from being listed in a
                // loop.
                (_version, _expired) = (null, true);
                Problem(e.Message);
                await Task.Delay(_backoff.Next(), _time, cancel);
            }
            catch (KubeException e)
            {
                Statistics.CountError();
                Problem(e.Message);
                await Pause(e, cancel);
            }
        }
    }

    private async Task List(CancellationToken cancel)
    {
        // The first list may come from the server's memory, however old, which costs its store nothing. After
        // an expiry it must not: the same old answer would expire again.
        var query = new ListQuery
        {
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            ResourceVersion = _options.Fresh || _expired || Statistics.Synced ? null : "0",
            PageSize = _options.PageSize,
        };
        // A token that expired between pages: all in one answer then.
        if (_expired) query = query with { PageSize = 0 };
        _expired = false;
        var list = await _client.List(_type, query, _options.Namespace, Undecodable, cancel);
        Statistics.CountList();
        foreach (var change in _known.Replace(list.Items)) await _deliver(change);
        if (!Statistics.Synced) await _deliver(new(ChangeKind.Synced, null, null));
        Statistics.MarkSynced(_known.Count, _time.GetUtcNow());
        Told(list.Metadata.ResourceVersion);
    }

    private async Task Watch(CancellationToken cancel)
    {
        var query = new ListQuery
        {
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            ResourceVersion = _version,
        };
        var lifetime = _options.WatchLifetime * (1 + _random.NextDouble());
        var started = _time.GetTimestamp();
        Statistics.CountWatch();
        // A server that neither ends the watch in time nor says anything is as good as gone.
        using var overdue = new CancellationTokenSource(lifetime + TimeSpan.FromSeconds(30), _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, overdue.Token);
        try
        {
            var events = _client.Watch(_type, query, lifetime, _options.Namespace, both.Token);
            await foreach (var change in events)
            {
                _backoff.Reset();
                if (change.Problem is { } problem) Undecodable(problem);
                foreach (var difference in _known.Apply(change)) await _deliver(difference);
                if (change.ResourceVersion is { } version) Told(version);
                Statistics.CountEvent(_known.Count, _time.GetUtcNow());
            }
        }
        catch (OperationCanceledException)
            when (overdue.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new KubeException(0, "Timeout", $"watch {_type.Resource.Plural}: the server went silent");
        }
        // A server that ends every watch at once must not be asked in a loop.
        if (_time.GetElapsedTime(started) < TimeSpan.FromSeconds(1))
            await Task.Delay(_backoff.Next(), _time, cancel);
    }

    private async Task Pause(KubeException e, CancellationToken cancel)
    {
        var pause = _backoff.Next();
        if (e.RetryAfter is { } asked && asked > pause) pause = asked;
        if (!e.IsUnreachable)
        {
            await Task.Delay(pause, _time, cancel);
            return;
        }
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var returned = _client.Reachable(end.Token);
        await Task.WhenAny(Task.Delay(pause, _time, end.Token), returned);
        var back = returned.IsCompletedSuccessfully;
        await end.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        if (!back) return;
        _backoff.Reset();
    }

    private void Told(string? version)
    {
        _version = version;
        if (version is not null) _options.OnTold?.Invoke(version);
    }

    private void Undecodable(string message)
    {
        Statistics.CountUndecodable();
        Problem(message);
    }

    private void Problem(string message) => _options.OnProblem?.Invoke(message);
}
