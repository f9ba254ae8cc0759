using Causeway.Core.Cluster;
using Causeway.Core.Services.Ipvs;
using Causeway.Kubernetes;
using Causeway.Linux.Kernel;

namespace Causeway.Agent.Proxy;

/// <summary>The services of a node: what tells of them, what plans them, and the backend that has them in the
/// kernel. Of the other backends nothing stays.</summary>
internal sealed class NodeServices : IDisposable
{
    private readonly string _chosen;
    private readonly IServiceBackend? _backend;
    private readonly ServiceEffects? _effects;
    private readonly ServiceProxy? _proxy;
    private readonly ServiceFeed? _feed;
    private readonly AgentLog _log;

    /// <param name="chosen">One of <see cref="Backends.Names"/>.</param>
    /// <param name="ipvs">For the backend of that name.</param>
    public NodeServices(
        string chosen, IpvsSettings ipvs, string node, KubeClient client, AgentMetrics metrics, AgentLog log, TimeProvider time)
    {
        (_chosen, _log) = (chosen, log);
        if (Backends.Make(chosen, ipvs, log) is not { } backend) return;
        _backend = backend;
        _effects = new ServiceEffects(() => Refusal is null, log, time);
        _proxy = new ServiceProxy(node, backend, _effects, metrics, log, time);
        _feed = new ServiceFeed(client, node, _proxy, metrics, log, time);
    }

    /// <summary>Why the services are not as planned; null when they are.</summary>
    public string? Refusal => _proxy?.Refusal;

    public void Set(KubeObject item)
    {
        if (item is Node or IpPool) _proxy?.Set(item);
    }

    public void Removed(KubeObject item)
    {
        if (item is Node or IpPool) _proxy?.Removed(item);
    }

    public void Observed(KernelEvent news) => _proxy?.Observed(news);

    /// <summary>Runs until cancelled.</summary>
    /// <param name="others">Ends when the objects that every agent follows have been told.</param>
    public async Task RunAsync(Task others, CancellationToken cancel)
    {
        await Task.Run(RemoveOthers, cancel);
        if (_proxy is null || _feed is null) return;
        await Task.WhenAll(_feed.RunAsync(cancel), _proxy.RunAsync(cancel), StartAsync());

        async Task StartAsync()
        {
            await Task.WhenAll(others, _feed.Synced).WaitAsync(cancel);
            _proxy.Start();
        }
    }

    public void Dispose()
    {
        _effects?.Dispose();
        _backend?.Dispose();
    }

    private void RemoveOthers()
    {
        foreach (var other in Backends.Others(_chosen, _log))
        {
            try
            {
                other.Remove();
            }
            catch (IOException e)
            {
                _log.Failed($"removing what the {other.Name} proxy left", e.Message);
            }
            other.Dispose();
        }
    }
}
