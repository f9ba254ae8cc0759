using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;

namespace Causeway.Cni;

/// <summary>What the runtime said, as the agent takes it.</summary>
internal static class Requests
{
    public static AgentRequest Of(AgentOperation operation, CniEnvironment environment) => new()
    {
        Operation = operation,
        ContainerId = environment.ContainerId,
        IfName = environment.IfName,
        Netns = environment.Netns,
        Namespace = environment.Pod.Namespace,
        Pod = environment.Pod.Name,
        PodUid = environment.Pod.Uid,
    };
}
