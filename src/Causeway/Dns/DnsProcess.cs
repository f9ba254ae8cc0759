using System.Security.Cryptography;
using Causeway.Core;
using Causeway.Core.Naming.Configuration;
using Causeway.Dns.NodeLocal;
using Causeway.Dns.Serving;
using Causeway.Health;
using Causeway.Kubernetes;
using Causeway.Linux.Processes;
using Causeway.Watching;

namespace Causeway.Dns;

/// <summary>The DNS server: follows the API and its configuration, and answers.</summary>
internal sealed class DnsProcess : IDisposable
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(6);

    private readonly DnsOptions _options;
    private readonly DnsLog _log;
    private readonly TimeProvider _time;
    private readonly DnsMetrics _metrics;
    private readonly DnsServing _serving;
    private readonly CancellationTokenSource _following = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _lame;

    /// <param name="client">Makes a client of the cluster; asked only when the configuration names one.</param>
    public DnsProcess(DnsOptions options, Func<KubernetesSettings, KubeClient> client, DnsLog log, TimeProvider time)
    {
        (_options, _log, _time) = (options, log, time);
        _metrics = new(text => log.Failed("a query", text));
        _serving = new(options, client, Watch, _metrics, log, time);
    }

    /// <summary>Runs until cancelled; throws <see cref="InputException"/> when the configuration cannot be used or an
    /// address is not to be had.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        ConfigurationFile file = new(_options.Configuration, _options.DefaultConfiguration);
        var configuration = file.Read();
        using var kernel = _options.NodeLocal is { } plan ? new NodeLocalKernel(plan) : null;
        if (kernel is not null) Watch(kernel.KeepAsync(_log, _time, _following.Token));
        _serving.Use(configuration);
        Measure();
        using var status = new StatusServers(Statuses(configuration));
        status.Start();
        ReadyNotice.Tell();
        Watch(status.RunAsync(_following.Token));
        Watch(TellReady());
        Watch(MemoryTrim.OnceAsync(_serving.Synced, _time, _following.Token));
        try
        {
            await await Task.WhenAny(Reload(file, configuration, next => configuration = next, cancel), _failed.Task);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Told to stop.
        }
        await Stop(configuration.Servers.Select(s => s.Find<HealthSettings>()?.LameDuck ?? TimeSpan.Zero).Max());
    }

    public void Dispose()
    {
        _serving.Dispose();
        _following.Dispose();
    }

    /// <summary>A part that fails ends the whole: half a server would look well.</summary>
    private void Watch(Task part) => _ = part.ContinueWith(
        failed => _failed.TrySetException(failed.Exception!.InnerExceptions), CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private void Measure()
    {
        void Gauge(string name, string help, Func<double> value) => _metrics.Set.Read("gauge", name, help, value);
        Gauge("coredns_cache_entries", "Answers in the caches.", () => _serving.CachedAnswers);
        if (_serving.Services is null) return;
        Gauge("causeway_dns_services", "Services that have names.", () => _serving.Services ?? 0);
        Gauge(
            "causeway_dns_api_silence_seconds", "How long ago the API last said anything.",
            () => _serving.Silence.TotalSeconds);
    }

    /// <summary>Goes on answering for a while, since not everybody knows yet that this server leaves.</summary>
    private async Task Stop(TimeSpan lameDuck)
    {
        _lame = true;
        if (lameDuck > TimeSpan.Zero) _log.LameDuck(lameDuck.TotalSeconds);
        await Task.Delay(lameDuck, _time, CancellationToken.None);
        await Task.WhenAny(_serving.CloseAsync(), Task.Delay(Drain, _time, CancellationToken.None));
        await _following.CancelAsync();
        _log.Stopped();
    }

    /// <param name="current">What is served.</param>
    /// <param name="use">Told of what is served from now on.</param>
    private async Task Reload(
        ConfigurationFile file, DnsConfiguration current, Action<DnsConfiguration> use, CancellationToken cancel)
    {
        // Without the plugin, what is served stays.
        while (Find<ReloadSettings>(current) is { } reload)
        {
            await Task.Delay(NextLook(reload), _time, cancel);
            if (!file.HasChanged()) continue;
            try
            {
                var next = file.Read();
                _serving.Use(next);
                if (!Endpoints(next).SequenceEqual(Endpoints(current))) _log.NotMoved();
                use(current = next);
                _log.Reloaded(next.Servers.Length);
            }
            catch (InputException e)
            {
                _metrics.ReloadFailures.Add();
                _log.NotReloaded(e.Message);
            }
        }
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancel);
    }

    /// <summary>A little earlier or later, so that not all servers look at once.</summary>
    private static TimeSpan NextLook(ReloadSettings reload)
    {
        var jitter = (int)reload.Jitter.TotalMilliseconds;
        return reload.Interval + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(-jitter, jitter + 1));
    }

    private async Task TellReady()
    {
        await _serving.Synced;
        if (_serving.Services is { } services) _log.Ready(services);
        else _log.ReadyToForward();
    }

    private IEnumerable<string> Endpoints(DnsConfiguration configuration) =>
        Statuses(configuration).Select(s => $"{s.Option} {s.Address}");

    private IEnumerable<(string Address, string Option, Func<string, (int, string)?> Answer)> Statuses(
        DnsConfiguration configuration)
    {
        if (Find<HealthSettings>(configuration) is { } health)
            yield return (health.Address, "health", path => path == "/health" ? Health() : null);
        if (Find<ReadySettings>(configuration) is { } ready)
            yield return (ready.Address, "ready", path => path == "/ready" ? Ready() : null);
        if (Find<PrometheusSettings>(configuration) is { } metrics)
            yield return (metrics.Address, "prometheus", path => path == "/metrics" ? (200, _metrics.Set.Text()) : null);
    }

    private (int, string) Health() => _lame ? (503, "stopping\n") : (200, "OK");

    private (int, string) Ready() => _serving.IsSynced ? (200, "OK") : (503, "kubernetes\n");

    private static T? Find<T>(DnsConfiguration configuration) where T : PluginSettings =>
        configuration.Servers.Select(s => s.Find<T>()).FirstOrDefault(s => s is not null);
}
