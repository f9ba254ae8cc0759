using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Netlink;

namespace Causeway.Cni;

/// <summary>CHECK: what the agent remembers, what the runtime remembers and what the kernel has are the
/// same.</summary>
internal static class CheckVerb
{
    public static void Run(CniEnvironment environment, NetworkConfiguration configuration)
    {
        if (!CniVersion.AtLeast(configuration.CniVersion, "0.4.0"))
            throw new CniException(
                CniErrorCode.IncompatibleVersion, "incompatible CNI versions",
                $"version {configuration.CniVersion} has no CHECK; it came with 0.4.0");
        var previous = configuration.PrevResult ?? throw new CniException(
            CniErrorCode.InvalidConfiguration, "invalid network configuration",
            "prevResult: CHECK needs the result of ADD");
        using var pod = PodNamespace.Open(environment.Netns);
        using var agent = AgentConnection.Open(configuration);
        var reply = agent.Ask(Requests.Of(AgentOperation.Check, environment));
        using var host = NetlinkSocket.Open();
        var problem = reply.Assignment is { } assignment
            ? PreviousProblem(previous, environment, assignment)
                ?? Inspection.Problem(host, pod, environment.IfName, assignment)
            : "the agent remembers no addresses";
        if (problem is not null)
            throw new CniException(CniErrorCode.CheckFailed, "the endpoint is not as it should be", problem);
    }

    /// <summary>Plugins after this one may have added to the result, but not taken from it.</summary>
    private static string? PreviousProblem(
        CniResult previous, CniEnvironment environment, EndpointAssignment assignment)
    {
        var index = -1;
        for (var i = 0; i < previous.Interfaces.Length; i++)
        {
            if (previous.Interfaces[i] is { Sandbox: not null } device && device.Name == environment.IfName)
                index = i;
        }
        if (index < 0) return $"prevResult has no interface {environment.IfName} with a sandbox";
        var known = previous.AddressesOf(index).Select(ip => ip.Address.Address).ToHashSet();
        foreach (var assigned in assignment.Addresses)
        {
            if (!known.Contains(assigned.Address))
                return $"prevResult does not have {assigned.Address}, which is the pod's address";
        }
        return previous.Interfaces.Any(i => i.Name == assignment.HostDevice)
            ? null
            : $"prevResult does not have the host device {assignment.HostDevice}";
    }
}
