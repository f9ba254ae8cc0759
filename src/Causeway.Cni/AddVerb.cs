using Causeway.Core.Addressing;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Netlink;

namespace Causeway.Cni;

/// <summary>ADD: addresses from the agent, the interface, the commit; then the result.</summary>
internal static class AddVerb
{
    public static string Run(CniEnvironment environment, NetworkConfiguration configuration)
    {
        if (configuration.PrevResult is not null)
            throw new CniException(
                CniErrorCode.InvalidConfiguration, "invalid network configuration",
                "prevResult: causeway makes the pod's interface, so it comes first in the list of plugins");
        using var pod = PodNamespace.Open(environment.Netns);
        using var agent = AgentConnection.Open(configuration);
        var reply = agent.Ask(Requests.Of(AgentOperation.Add, environment) with
        {
            Ips = configuration.RequestedIps,
            Mac = configuration.RequestedMac,
        });
        var assignment = reply.Assignment ?? throw new CniException(
            CniErrorCode.Agent, "the agent gave no addresses", "plugin and agent are of different versions");
        using var host = NetlinkSocket.Open();
        if (reply.Existing && Inspection.Problem(host, pod, environment.IfName, assignment) is null)
        {
            agent.Ask(Commit);
            return CniResultJson.Print(Result(environment, assignment), configuration.CniVersion);
        }
        var made = new PodInterface(host, pod, environment.IfName, assignment);
        try
        {
            made.Build();
            agent.Ask(Commit);
        }
        catch
        {
            made.Remove();
            throw;
        }
        return CniResultJson.Print(Result(environment, assignment), configuration.CniVersion);
    }

    private static AgentRequest Commit => new() { Operation = AgentOperation.Commit };

    private static CniResult Result(CniEnvironment environment, EndpointAssignment assignment) => new()
    {
        Interfaces =
        [
            new(assignment.HostDevice, assignment.HostMac.ToString(), Mtu: assignment.Mtu),
            new(environment.IfName, assignment.Mac.ToString(), environment.Netns, assignment.Mtu),
        ],
        Ips =
        [
            .. assignment.Addresses.Select(a => new CniAddress(
                new InterfaceAddress(a.Address, a.Address.Family.Bits), Interface: 1, a.Gateway)),
        ],
        Routes =
        [
            .. assignment.Addresses.Select(a => new CniRoute(Prefix.Default(a.Address.Family), a.Gateway)),
        ],
    };
}
