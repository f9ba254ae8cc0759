using Causeway.Core.Cluster;
using Causeway.Core.Services;
using Causeway.Linux.Kernel;

namespace Causeway.Agent.Proxy;

/// <summary>
/// Keeps the services of the API in the kernel, by one backend. Events only mark what changed; all kernel work is
/// in one step of one loop. A change costs what it changes; a refusal or a foreign hand costs one look at all.
/// </summary>
internal sealed class ServiceProxy
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ResyncInterval = TimeSpan.FromMinutes(5);

    // A look at all of a large cluster takes memory and seconds: without a reason to, seldom.
    private static readonly TimeSpan ProofInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Inbox _inbox;
    private readonly ServicesPlanner _planner;
    private readonly IServiceBackend _backend;
    private readonly ServiceEffects _effects;
    private readonly AgentMetrics _metrics;
    private readonly AgentLog _log;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _problems = new(StringComparer.Ordinal);
    private Dictionary<ServicePortKey, ServicePortPlan?> _changed = [];
    private readonly Dictionary<ServicePortKey, ServicePortPlan> _before = [];

    // Planned, but not all in the kernel yet.
    private readonly Dictionary<ServicePortKey, ServicePortPlan?> _unfinished = [];
    private bool _started;
    private bool _suspect = true;
    private bool _told;
    private DateTimeOffset _notBefore;
    private TimeSpan _pause = ShortestPause;
    private volatile string? _refusal = "the services are not in the kernel yet";

    public ServiceProxy(
        string node, IServiceBackend backend, ServiceEffects effects, AgentMetrics metrics, AgentLog log,
        TimeProvider time)
    {
        (_backend, _effects, _metrics, _log, _time) = (backend, effects, metrics, log, time);
        _inbox = new Inbox(time);
        _planner = new ServicesPlanner(node, Note) { ScopeChanged = SetScope };
    }

    /// <summary>Why the services are not as planned; null when they are.</summary>
    public string? Refusal => _refusal;

    /// <summary>An object of the API as it is now.</summary>
    public void Set(KubeObject item) => Tell(planner => planner.Set(item));

    public void Removed(KubeObject item) => Tell(planner => planner.Remove(item));

    /// <summary>The API has told everything: from here on the kernel is made as planned.</summary>
    public void Start() => Post(() =>
    {
        _started = true;
        _backend.SetScope(_planner.Scope);
    });

    /// <summary>News from the kernel.</summary>
    public void Observed(KernelEvent news)
    {
        if (news is RulesetChanged or KindsSuspect) Post(() => _suspect |= _backend.Concerns(news));
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        var (nextLook, nextResync, nextProof) =
            (_time.GetUtcNow(), _time.GetUtcNow() + ResyncInterval, _time.GetUtcNow() + ProofInterval);
        while (true)
        {
            await _inbox.WaitAsync(Next(nextLook, nextResync), cancel);
            _inbox.Take();
            if (!_started) continue;
            var now = _time.GetUtcNow();
            if (now >= nextResync)
            {
                _suspect |= now >= nextProof || !_backend.IsUntouched;
                nextResync = now + ResyncInterval;
                if (now >= nextProof) nextProof = now + ProofInterval;
            }
            if (now >= nextLook)
            {
                _suspect |= !_backend.LooksIntact();
                ReportProblems();
                nextLook = now + LookInterval;
            }
            if (now >= _notBefore) Follow();
        }
    }

    /// <summary>When there is something to do without news.</summary>
    private DateTimeOffset Next(DateTimeOffset look, DateTimeOffset resync)
    {
        if (!_started) return _time.GetUtcNow() + ResyncInterval;
        var next = _backend.MustLook || _told ? look : resync;
        return (_suspect || _changed.Count > 0) && _notBefore < next ? _notBefore : next;
    }

    private void Tell(Action<ServicesPlanner> news) => Post(() =>
    {
        news(_planner);
        _told = true;
    });

    private void Post(Action take) => _inbox.Post(take);

    private void Note(ServicePortKey key, ServicePortPlan? plan) => _changed[key] = plan;

    private void SetScope(ServicesScope scope)
    {
        if (!_started) return;
        _backend.SetScope(scope);
        _suspect = true;
    }

    private void Follow()
    {
        if (!_suspect && _changed.Count == 0) return;
        var changed = _changed;
        _changed = [];
        foreach (var (key, plan) in changed) _unfinished[key] = plan;
        var start = _time.GetTimestamp();
        try
        {
            if (_suspect) Resync(changed);
            else _backend.Apply(changed);
            _pause = ShortestPause;
            _refusal = null;
        }
        catch (IOException e)
        {
            _metrics.ServiceErrors.Add();
            if (_refusal != e.Message) _log.Refused("services", e.Message);
            // The backend has taken the changes in; what it could not carry out, the resync does.
            (_refusal, _suspect) = (e.Message, true);
            _notBefore = _time.GetUtcNow() + _pause;
            _pause = _pause * 2 > LongestPause ? LongestPause : _pause * 2;
        }
        _metrics.ServiceSyncs.Add();
        _metrics.ServiceSyncSeconds.Add(_time.GetElapsedTime(start).TotalSeconds);
        _metrics.ServicePorts.Set(_planner.Ports.Count);
        if (_refusal is null) Finish();
    }

    private void Resync(Dictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        var first = _refusal is not null;
        var differences = _backend.Resync(changed);
        _suspect = false;
        if (first)
        {
            _log.ServicesReady(_planner.Ports.Count, _backend.Name);
            return;
        }
        foreach (var difference in differences)
        {
            _metrics.Repairs.Add();
            _log.Repairing(difference);
        }
    }

    /// <summary>What follows from plans that are in the kernel now.</summary>
    private void Finish()
    {
        if (_unfinished.Count == 0) return;
        _effects.PlansChanged(_before, _unfinished);
        foreach (var (key, plan) in _unfinished)
        {
            if (plan is null) _before.Remove(key);
            else _before[key] = plan;
        }
        _unfinished.Clear();
    }

    private void ReportProblems()
    {
        if (!_told) return;
        _told = false;
        var now = _planner.Problems.Select(p => p.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var problem in now.Except(_problems)) _log.ServiceProblem(problem);
        _problems.Clear();
        _problems.UnionWith(now);
    }
}
