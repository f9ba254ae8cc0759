using Causeway.Agent.Endpoints;
using Causeway.Agent.Proxy;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Ipam;
using Causeway.Core.Services.Ipvs;
using Causeway.Health;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Ipam;
using Causeway.Linux.Kernel;
using Causeway.Watching;

namespace Causeway.Agent;

/// <summary>How an agent is run.</summary>
/// <param name="RunDirectory">Holds the plugin's socket and the endpoints' records.</param>
/// <param name="HealthAddress">HOST:PORT of /healthz, /readyz and /metrics; null serves none.</param>
/// <param name="Proxy">One of <see cref="Backends.Names"/>.</param>
/// <param name="Ipvs">For the proxy of that name.</param>
internal sealed record AgentOptions(
    string Node, string RunDirectory, string? HealthAddress, string Proxy, IpvsSettings Ipvs);

/// <summary>
/// One node's agent: follows the API, keeps the kernel as planned, serves the CNI plugin. Nothing that it holds in memory
/// alone matters: killed at any moment, it starts again from the API and the kernel, and packets flow meanwhile.
/// </summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private const string NotYet = "the kernel is not as planned yet";

    private readonly AgentOptions _options;
    private readonly AgentLog _log;
    private readonly TimeProvider _time;
    private readonly AgentMetrics _metrics = new();
    private readonly KernelDriver _kernel = KernelDriver.Open();
    private readonly KernelDriver _deleter = KernelDriver.Open();
    private readonly AgentView _view;
    private readonly Reconciler _reconciler;
    private readonly IpamClient _ipam;
    private readonly ClusterFeed _feed;
    private readonly NodePublisher _publisher;
    private readonly EndpointStore _endpoints;
    private readonly EndpointServer _server;
    private readonly AddressSweep _sweep;
    private readonly NodeServices _services;

    public AgentProcess(AgentOptions options, KubeClient client, AgentLog log, TimeProvider time)
    {
        (_options, _log, _time) = (options, log, time);
        Directory.CreateDirectory(options.RunDirectory);
        _view = new AgentView(options.Node);
        _reconciler = new Reconciler(options.Node, KernelPort.Of(_kernel), DeleteLeaked, _metrics, log, time);
        var store = new ObservedIpamStore(new KubeIpamStore(client), _reconciler);
        _ipam = new IpamClient(store, options.Node, () => _view.Ipam, time);
        _sweep = new AddressSweep(client, store, options.Node, log, time);
        _services = new NodeServices(options.Proxy, options.Ipvs, options.Node, client, _metrics, log, time);
        _feed = new ClusterFeed(client, options.Node, Set, Removed, _metrics, log, time);
        _publisher = new NodePublisher(
            client, options.Node, () => _kernel.Capture(EntryKind.Link, EntryKind.LinkAddress), TunnelAddresses, log);
        _endpoints = EndpointStore.Open(options.RunDirectory, text => log.Failed("endpoint record", text));
        var effects = new NodeEffects(
            options.Node, client, _ipam, _view, _reconciler, _deleter, NotReady, Starting, _metrics, log, time).ToEffects();
        _server = new EndpointServer(options.RunDirectory, options.Node, _endpoints, effects, time);
    }

    /// <summary>Runs until cancelled. Ends early, with what went wrong, when a part cannot go on.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var health = _options.HealthAddress is { } address
            ? new StatusServer(address, "--health-address", Status)
            : null;
        health?.Start();
        _server.Start();
        using var watcher = KernelWatcher.Open(concerns: KernelNews.Concerns);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] parts =
        [
            _feed.RunAsync(end.Token),
            _reconciler.RunAsync(end.Token),
            new KernelNews(watcher, _kernel, _reconciler, _services, _view, Publish).RunAsync(end.Token),
            PublishAsync(end.Token),
            StartWhenSynced(end.Token),
            _sweep.RunAsync(end.Token),
            _services.RunAsync(_feed.Synced, end.Token),
            MemoryTrim.RunAsync(_feed.Synced, _time, end.Token),
            _server.RunAsync(end.Token),
            health?.RunAsync(end.Token) ?? Task.CompletedTask,
        ];
        List<Task> running = [.. parts];
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            if (ended.IsFaulted) await end.CancelAsync();
        }
        await Task.WhenAll(parts);
    }

    public async ValueTask DisposeAsync()
    {
        await _ipam.DisposeAsync();
        _server.Dispose();
        _kernel.Dispose();
        _deleter.Dispose();
        _services.Dispose();
    }

    private void Set(KubeObject item)
    {
        _view.Set(item);
        if (item is IpamBlock block) _ipam.Observe(block);
        _reconciler.Set(item);
        _services.Set(item);
    }

    private void Removed(KubeObject item)
    {
        _view.Removed(item);
        _reconciler.Removed(item);
        _services.Removed(item);
    }

    private async Task StartWhenSynced(CancellationToken cancel)
    {
        await _feed.Synced.WaitAsync(cancel);
        _reconciler.Start();
    }

    private readonly SemaphoreSlim _publish = new(1);

    private void Publish()
    {
        if (_publish.CurrentCount == 0) _publish.Release();
    }

    private async Task PublishAsync(CancellationToken cancel)
    {
        await _feed.Synced.WaitAsync(cancel);
        _view.Changed = Publish;
        Publish();
        while (true)
        {
            await _publish.WaitAsync(cancel);
            try
            {
                await _publisher.PublishAsync(_view.Ipam.Pools.Ranges, cancel);
            }
            catch (Exception e) when (e is KubeException or IOException)
            {
                _log.Failed("publishing the node's network", e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
                Publish();
            }
        }
    }

    private async Task<IReadOnlyList<IpAddress>> TunnelAddresses(
        IReadOnlyList<IpFamily> families, CancellationToken cancel)
    {
        var result = await _ipam.Assign(AssignRequest.ForTunnel(_options.Node, families), cancel);
        if (result.Failure is { } failure) _log.Waiting($"no tunnel address: {failure.Message}");
        return [.. result.Addresses.Select(a => a.Address)];
    }

    private void DeleteLeaked(Link link) => _ = Task.Run(() =>
    {
        try
        {
            _deleter.DeleteLink(link.Name);
        }
        catch (IOException e)
        {
            _log.Failed($"deleting {link.Name}", e.Message);
            _reconciler.DeletionFailed(link, e.Message);
        }
    });

    // Pods get their network also while the services wait for something.
    private string? NotReady() => NetworkReasons() is [var first, ..] ? first : null;

    // What the kernel refuses of one pod must not keep others waiting.
    private string? Starting() => Unready() ?? (_reconciler.HasSettled ? null : NotYet);

    private string? Unready() =>
        _feed.Synced.IsCompleted ? _publisher.Waiting : "the API's objects are not all known yet";

    private (int, string)? Status(string path) => path switch
    {
        "/healthz" => (200, "ok\n"),
        "/readyz" => Reasons() is { Count: > 0 } reasons ? (503, string.Join('\n', reasons) + "\n") : (200, "ok\n"),
        "/metrics" => (200, _metrics.Text()),
        _ => (404, "here are /healthz, /readyz and /metrics\n"),
    };

    private List<string> Reasons()
    {
        var reasons = NetworkReasons();
        if (_services.Refusal is { } refusal) reasons.Add($"services: {refusal}");
        return reasons;
    }

    private List<string> NetworkReasons()
    {
        List<string> reasons = [];
        if (Unready() is { } reason) reasons.Add(reason);
        else if (!_reconciler.Settled) reasons.AddRange(_reconciler.Refusals.DefaultIfEmpty(NotYet));
        _metrics.Endpoints.Set(_endpoints.All.Count);
        return reasons;
    }
}
