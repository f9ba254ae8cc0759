using System.Net.Sockets;
using Causeway.Core.Services;
using Causeway.Linux.Namespaces;

namespace Causeway.Agent.Proxy;

/// <summary>The health check ports of the services that have one: opened and closed as plans change. A port that
/// somebody else has is tried again until it is free.</summary>
/// <param name="proxyHealthy">Whether the services are in the kernel as planned.</param>
/// <param name="namespacePath">Where to listen; null for the calling thread's.</param>
internal sealed class HealthPorts(
    Func<bool> proxyHealthy, AgentLog log, TimeProvider time, string? namespacePath = null) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<ServicePortKey, ServicePortPlan> _plans = [];
    private readonly Dictionary<ushort, HealthPort> _open = [];
    private readonly Dictionary<ushort, string> _refused = [];
    private ITimer? _retry;
    private bool _ended;

    /// <summary>Plans as they are; null: they are no more.</summary>
    public void Set(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        lock (_lock)
        {
            var concerned = false;
            foreach (var (key, plan) in changed)
            {
                concerned |= _plans.Remove(key);
                if (plan is not { HealthCheckNodePort: not 0 }) continue;
                _plans[key] = plan;
                concerned = true;
            }
            if (concerned && !_ended) Follow();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            _retry?.Dispose();
            foreach (var port in _open.Values) port.Dispose();
            _open.Clear();
        }
    }

    private void Follow()
    {
        // Two services that want one port: the first by name has it.
        var wanted = ServiceHealth.Of(_plans.OrderBy(p => p.Key).Select(p => p.Value)).GroupBy(h => h.Port)
            .ToDictionary(g => g.Key, g => g.Where(h => (h.Namespace, h.Name) == (g.First().Namespace, g.First().Name)).ToArray());
        foreach (var gone in _open.Keys.Except(wanted.Keys).ToArray())
        {
            _open[gone].Dispose();
            _open.Remove(gone);
        }
        foreach (var gone in _refused.Keys.Except(wanted.Keys).ToArray()) _refused.Remove(gone);
        foreach (var (port, health) in wanted)
        {
            if (_open.TryGetValue(port, out var open)) open.Health = health;
            else TryOpen(port, health);
        }
        _retry ??= time.CreateTimer(_ => Retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _retry.Change(_refused.Count > 0 ? RetryPause : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Retry()
    {
        lock (_lock)
            if (!_ended) Follow();
    }

    private void TryOpen(ushort port, ServiceHealth[] health)
    {
        try
        {
            // A socket keeps the namespace in which it was opened, so only that happens there: workers that were born there
            // would do all kinds of others' work in it.
            var listener = namespacePath is null
                ? HealthPort.Listen(port)
                : NetworkNamespace.Run(namespacePath, () => HealthPort.Listen(port));
            _open[port] = HealthPort.Serve(listener, health, proxyHealthy, time);
            _refused.Remove(port);
        }
        catch (SocketException e)
        {
            if (_refused.GetValueOrDefault(port) == e.Message) return;
            _refused[port] = e.Message;
            log.Failed($"listening on health check port {port} of service {health[0].Namespace}/{health[0].Name}", e.Message);
        }
    }
}
