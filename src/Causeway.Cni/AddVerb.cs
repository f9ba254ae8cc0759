using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Cni;

/// <summary>ADD: the interface, addresses from the agent, the commit; then the result. What the plugin and
/// the agent do in turn elsewhere they do side by side here.</summary>
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
        // Before all that is work: what the agent and the API do takes longest.
        agent.Send(Requests.Of(AgentOperation.Add, environment) with
        {
            Ips = configuration.RequestedIps,
            Mac = configuration.RequestedMac,
        });
        using var host = NetlinkSocket.Open();
        var made = new PodInterface(
            host, pod, environment.IfName, EndpointDevice.HandleOf(environment.ContainerId, environment.IfName));
        try
        {
            // The kernel makes the pair while the agent writes the addresses to the API.
            var created = made.TryCreate(configuration.RequestedMac);
            var reply = agent.Receive();
            // What the agent still had to delete of an earlier ADD has this name too: with its answer it is done.
            created = created && made.IsThere;
            var assignment = reply.Assignment is { } given && given.HostDevice == made.HostDevice
                ? given
                : throw new CniException(
                    CniErrorCode.Agent, "the agent gave no addresses for this device",
                    "plugin and agent are of different versions");
            if (created || !reply.Existing
                || Inspection.Problem(host, pod, environment.IfName, assignment) is not null)
            {
                if (!created) made.Replace(assignment.Mac);
                made.SetUpHostEnd(assignment);
                // The agent installs the pod's routes while this sets up the pod's end.
                agent.Send(new AgentRequest { Operation = AgentOperation.Install });
                try
                {
                    made.SetUpPodEnd(assignment);
                }
                catch (Exception e) when (e is NetlinkException or SystemCallException)
                {
                    // A DEL that came meanwhile takes the device away, and the agent says so.
                    throw agent.Refusal() ?? e;
                }
            }
            agent.Send(new AgentRequest { Operation = AgentOperation.Commit });
            var result = CniResultJson.Print(Result(environment, assignment), configuration.CniVersion);
            agent.Receive();
            return result;
        }
        catch
        {
            made.Remove();
            throw;
        }
    }

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
