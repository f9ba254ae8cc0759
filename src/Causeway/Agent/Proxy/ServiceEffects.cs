using Causeway.Core.Services;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;

namespace Causeway.Agent.Proxy;

/// <summary>What follows from services that have just been brought to the kernel, beside the kernel's
/// rules: health check ports, and an end to flows that lead nowhere.</summary>
/// <param name="proxyHealthy">Whether the services are in the kernel as planned.</param>
/// <param name="namespacePath">The node's network namespace; null for the calling thread's.</param>
internal sealed class ServiceEffects(
    Func<bool> proxyHealthy, AgentLog log, TimeProvider time, string? namespacePath = null) : IDisposable
{
    private readonly NetlinkSocket _socket = NetlinkSocket.OpenNetfilter(namespacePath);
    private readonly HealthPorts _ports = new(proxyHealthy, log, time, namespacePath);

    /// <summary>Plans changed and are in the kernel now.</summary>
    /// <param name="before">All plans as they were.</param>
    /// <param name="changed">Those that changed, as they are; null: they are no more.</param>
    public void PlansChanged(
        IReadOnlyDictionary<ServicePortKey, ServicePortPlan> before,
        IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        _ports.Set(changed);
        try
        {
            var count = new ConntrackTable(_socket).Delete(StaleFlows.Between(before, changed));
            if (count > 0) log.FlowsForgotten(count);
        }
        catch (IOException e)
        {
            log.Failed("forgetting stale UDP flows", e.Message);
        }
    }

    public void Dispose()
    {
        _ports.Dispose();
        _socket.Dispose();
    }
}
