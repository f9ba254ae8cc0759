using System.Collections.Concurrent;
using System.Globalization;
using System.Net.NetworkInformation;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Dns.Forwarding;
using Causeway.Dns.Names;
using Causeway.Dns.NodeLocal;
using Causeway.Dns.Serving;
using Causeway.Health;
using Causeway.Kubernetes;
using Causeway.Watching;

namespace Causeway.Dns;

/// <summary>The DNS server: follows the API and its configuration, and answers.</summary>
/// <param name="client">Makes a client of the cluster; asked only when the configuration names one.</param>
internal sealed class DnsProcess(
    DnsOptions options, Func<KubernetesSettings, KubeClient> client, DnsLog log, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(6);

    private readonly DnsMetrics _metrics = new(text => log.Failed("a query", text));
    private readonly ConcurrentDictionary<NamesScope, NamesSource> _sources = [];
    private readonly ConcurrentDictionary<ListenAddress, DnsPipeline> _pipelines = [];
    private readonly Dictionary<ListenAddress, Task> _listeners = [];
    private readonly List<Forwarder> _forwarders = [];
    private readonly List<LoopGuard> _guards = [];
    private readonly CancellationTokenSource _serving = new();
    private readonly CancellationTokenSource _following = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _lame;

    /// <summary>Runs until cancelled; throws <see cref="InputException"/> when the configuration cannot be used or an
    /// address is not to be had.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        ConfigurationFile file = new(options.Configuration, options.DefaultConfiguration);
        var configuration = file.Read();
        using var kernel = options.NodeLocal is { } plan ? new NodeLocalKernel(plan) : null;
        if (kernel is not null) Watch(kernel.KeepAsync(log, time, _following.Token));
        Use(configuration);
        var lameDuck = configuration.Servers.Select(s => s.Find<HealthSettings>()?.LameDuck ?? TimeSpan.Zero).Max();
        using var status = new StatusServers(Statuses(configuration));
        status.Start();
        Watch(status.RunAsync(_following.Token));
        var synced = Task.WhenAll(_sources.Values.Select(s => s.Synced));
        Watch(TellReady(synced));
        Watch(MemoryTrim.OnceAsync(synced, time, _following.Token));
        foreach (var guard in _guards) Watch(guard.ProbeAsync(_serving.Token));
        try
        {
            await await Task.WhenAny(Reload(file, configuration.Servers, cancel), _failed.Task);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Told to stop.
        }
        await Stop(lameDuck);
    }

    public void Dispose()
    {
        foreach (var forwarder in _forwarders) forwarder.Dispose();
        _serving.Dispose();
        _following.Dispose();
    }

    /// <summary>A part that fails ends the whole: half a server would look well.</summary>
    private void Watch(Task part) => _ = part.ContinueWith(
        failed => _failed.TrySetException(failed.Exception!.InnerExceptions), CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>Goes on answering for a while, since not everybody knows yet that this server leaves.</summary>
    private async Task Stop(TimeSpan lameDuck)
    {
        _lame = true;
        if (lameDuck > TimeSpan.Zero) log.LameDuck(lameDuck.TotalSeconds);
        await Task.Delay(lameDuck, time, CancellationToken.None);
        await _serving.CancelAsync();
        await Task.WhenAny(Task.WhenAll(_listeners.Values), Task.Delay(Drain, time, CancellationToken.None));
        await _following.CancelAsync();
        log.Stopped();
    }

    private async Task Reload(ConfigurationFile file, IEnumerable<ServerBlock> servers, CancellationToken cancel)
    {
        var reload = servers.Select(s => s.Find<ReloadSettings>()).FirstOrDefault(r => r is not null);
        if (reload is null) await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
        while (true)
        {
            await Task.Delay(reload!.Interval, time, cancel);
            if (!file.HasChanged()) continue;
            try
            {
                var configuration = file.Read();
                Use(configuration);
                log.Reloaded(configuration.Servers.Length);
            }
            catch (InputException e)
            {
                _metrics.ReloadFailures.Add();
                log.NotReloaded(e.Message);
            }
        }
    }

    private void Use(DnsConfiguration configuration)
    {
        List<Forwarder> old = [.. _forwarders];
        _forwarders.Clear();
        _guards.Clear();
        PipelineBuilder builder = new(Source, Forward, Hosts, Guard, LocalAddresses(), _metrics, log, time);
        var built = builder.Build(configuration).ToDictionary(p => p.Key with { Port = PortOf(p.Key) }, p => p.Value);
        foreach (var (address, pipeline) in built)
        {
            _pipelines[address] = pipeline;
            if (_listeners.ContainsKey(address)) continue;
            Watch(_listeners[address] = Listen(address));
        }
        // What is not served any more is refused; its port goes with the process.
        foreach (var address in _pipelines.Keys.Where(a => !built.ContainsKey(a)))
            _pipelines[address] = _pipelines[address] with { Handler = DnsPipeline.Refuse, Zone = () => null };
        foreach (var forwarder in old) forwarder.Dispose();
    }

    private ushort PortOf(ListenAddress address) =>
        address.Port == ServerKey.DefaultPort && options.Port is { } port ? port : address.Port;

    private Task Listen(ListenAddress address)
    {
        TcpServer tcp = new(
            address.Address, address.Port, () => _pipelines[address], _metrics,
            address.IsTls ? () => _pipelines[address].Identity!.Current() : null);
        var udp = address.IsTls
            ? null
            : new UdpServer(address.Address, tcp.Port, options.Threads, () => _pipelines[address], _metrics);
        log.Listening($"{address with { Port = tcp.Port }}");
        return Serve(tcp, udp);
    }

    /// <param name="udp">Null beside TLS.</param>
    private async Task Serve(TcpServer tcp, UdpServer? udp)
    {
        using (tcp)
        using (udp) await Task.WhenAll(tcp.RunAsync(_serving.Token), udp?.RunAsync(_serving.Token) ?? Task.CompletedTask);
    }

    private NamesSource Source(NamesScope scope, KubernetesSettings settings) => _sources.GetOrAdd(scope, wanted =>
    {
        NamesSource source = new(wanted, client(settings), log, time);
        Watch(source.RunAsync(_following.Token));
        _metrics.Set.Read(
            "gauge", "causeway_dns_api_silence_seconds", "How long ago the API last said anything.",
            () => source.Silence.TotalSeconds);
        _metrics.Set.Read("gauge", "causeway_dns_services", "Services that have names.", () => source.Index.Count);
        return source;
    });

    private DnsHandler Forward(ForwardSettings settings, DnsHandler next)
    {
        Forwarder forwarder = new(settings, _metrics, log, next);
        _forwarders.Add(forwarder);
        return forwarder.AnswerAsync;
    }

    private DnsHandler Guard(LoopSettings settings, DnsHandler next)
    {
        LoopGuard guard = new(settings, log, next);
        _guards.Add(guard);
        return guard.AnswerAsync;
    }

    private Func<HostsTable> Hosts(HostsSettings settings) => new HostsFile(settings, time).Table;

    private async Task TellReady(Task synced)
    {
        await synced;
        if (_sources.IsEmpty) log.ReadyToForward();
        else log.Ready(_sources.Values.Sum(s => s.Index.Count));
    }

    private IEnumerable<(string Address, string Option, Func<string, (int, string)?> Answer)> Statuses(
        DnsConfiguration configuration)
    {
        if (Find<HealthSettings>(configuration) is { } health)
            yield return (health.Address, "health", path => path == "/health" ? _lame ? (503, "stopping\n") : (200, "OK") : null);
        if (Find<ReadySettings>(configuration) is { } ready)
            yield return (ready.Address, "ready", path => path == "/ready" ? Ready() : null);
        if (Find<PrometheusSettings>(configuration) is { } metrics)
            yield return (metrics.Address, "prometheus", path => path == "/metrics" ? (200, _metrics.Set.Text()) : null);
    }

    private static T? Find<T>(DnsConfiguration configuration) where T : PluginSettings =>
        configuration.Servers.Select(s => s.Find<T>()).FirstOrDefault(s => s is not null);

    private (int, string) Ready() => _sources.Values.All(s => s.IsSynced) ? (200, "OK") : (503, "kubernetes\n");

    private static List<IpAddress> LocalAddresses() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => IpAddress.FromSystem(a.Address)).Where(a => !a.IsLoopback && !a.IsLinkLocal),
    ];
}
