using System.Collections.Concurrent;
using System.Net.NetworkInformation;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Configuration;
using Causeway.Dns.Names;
using Causeway.Kubernetes;

namespace Causeway.Dns.Serving;

/// <summary>What is served now: the current configuration's handlers behind sockets that outlive it.</summary>
/// <param name="client">Makes a client of the cluster; asked only when a configuration names one.</param>
/// <param name="watch">Told of each part that runs on, so that none ends unnoticed.</param>
internal sealed class DnsServing(
    DnsOptions options, Func<KubernetesSettings, KubeClient> client, Action<Task> watch, DnsMetrics metrics, DnsLog log,
    TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<NamesScope, NamesSource> _sources = [];
    private readonly ConcurrentDictionary<ListenAddress, DnsPipeline> _pipelines = [];
    private readonly Dictionary<ListenAddress, Task> _listeners = [];
    private readonly CancellationTokenSource _end = new();
    private Generation? _generation;

    /// <summary>Completes when all names of the cluster are known.</summary>
    public Task Synced => Task.WhenAll(_sources.Values.Select(s => s.Synced));

    public bool IsSynced => _sources.Values.All(s => s.IsSynced);

    /// <summary>Services that have names; null where none are followed.</summary>
    public int? Services => _sources.IsEmpty ? null : _sources.Values.Sum(s => s.Index.Count);

    public int CachedAnswers => _generation?.CachedAnswers ?? 0;

    /// <summary>How long ago the API last said anything.</summary>
    public TimeSpan Silence => _sources.Values.Select(s => s.Silence).DefaultIfEmpty().Max();

    /// <summary>Serves a configuration in place of the one before. Throws <see cref="InputException"/> when something that
    /// it names is not to be had; the one before is served on then, and nothing of the new one stays.</summary>
    public void Use(DnsConfiguration configuration)
    {
        Generation? next = null;
        List<(ListenAddress At, Listener Listener)> opened = [];
        try
        {
            next = Generation.Of(configuration, new(Names, LocalAddresses(), metrics, log, time));
            var pipelines = next.Pipelines.ToDictionary(p => p.Key with { Port = PortOf(p.Key) }, p => p.Value);
            foreach (var at in pipelines.Keys.Where(at => !_listeners.ContainsKey(at)))
                opened.Add((at, new(at, options.Threads, () => _pipelines[at], metrics)));
            Exchange(next, pipelines);
        }
        catch
        {
            foreach (var (_, listener) in opened) listener.Dispose();
            next?.Dispose();
            EndUnused();
            throw;
        }
        foreach (var (at, listener) in opened)
        {
            log.Listening(listener.At.ToString());
            watch(_listeners[at] = listener.RunAsync(_end.Token));
        }
        foreach (var guard in next.Guards) watch(guard.ProbeAsync(_end.Token));
    }

    /// <summary>Ends when what is in flight has been answered.</summary>
    public async Task CloseAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_listeners.Values);
    }

    public void Dispose()
    {
        _generation?.Dispose();
        foreach (var source in _sources.Values) source.Dispose();
        _end.Dispose();
    }

    private void Exchange(Generation next, Dictionary<ListenAddress, DnsPipeline> pipelines)
    {
        var before = _generation;
        _generation = next;
        foreach (var (at, pipeline) in pipelines) _pipelines[at] = pipeline;
        // What is not served any more is refused; its port goes with the process.
        foreach (var at in _pipelines.Keys.Where(at => !pipelines.ContainsKey(at)))
            _pipelines[at] = _pipelines[at] with { Handler = DnsPipeline.Refuse, Zone = () => null };
        before?.Dispose();
        EndUnused();
    }

    private void EndUnused()
    {
        foreach (var scope in _sources.Keys.Where(s => _generation?.Scopes.Contains(s) != true))
            if (_sources.TryRemove(scope, out var unused)) unused.Dispose();
    }

    private ushort PortOf(ListenAddress address) =>
        address.Port == ServerKey.DefaultPort && options.Port is { } port ? port : address.Port;

    private KnownNames Names(NamesScope scope, KubernetesSettings settings)
    {
        var source = _sources.GetOrAdd(scope, wanted =>
        {
            NamesSource begun = new(wanted, client(settings), log, time);
            watch(begun.RunAsync());
            return begun;
        });
        return new(source.Index, () => source.IsSynced);
    }

    private static List<IpAddress> LocalAddresses() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => IpAddress.FromSystem(a.Address)).Where(a => !a.IsLoopback && !a.IsLinkLocal),
    ];
}
