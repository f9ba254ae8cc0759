using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Cni;

/// <summary>
/// DEL: the agent makes the endpoint unreachable, releases its addresses, and deletes the pair behind our
/// back. When it is away the pod's interface goes all the same, but DEL fails, so that the runtime calls
/// again and no address leaks.
/// </summary>
internal static class DeleteVerb
{
    public static void Run(CniEnvironment environment, NetworkConfiguration configuration)
    {
        try
        {
            using var agent = AgentConnection.Open(configuration);
            agent.Ask(Requests.Of(AgentOperation.Delete, environment));
        }
        catch (CniException e) when (e.Error.Code == CniErrorCode.TryAgainLater)
        {
            RemoveInterface(environment);
            throw;
        }
    }

    private static void RemoveInterface(CniEnvironment environment)
    {
        if (environment.Netns.Length == 0) return;
        using var pod = PodNamespace.TryOpen(environment.Netns, out _);
        if (pod is null) return;
        try
        {
            using var host = NetlinkSocket.Open();
            StaleInterface.RemoveFromPod(host, pod, environment.IfName);
        }
        catch (Exception e) when (e is NetlinkException or SystemCallException)
        {
            // That the agent is away is what the runtime must hear; the next DEL tries this again.
        }
    }
}
