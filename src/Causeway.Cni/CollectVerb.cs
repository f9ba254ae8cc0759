using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;

namespace Causeway.Cni;

/// <summary>GC: whatever the runtime does not list as in use goes.</summary>
internal static class CollectVerb
{
    public static void Run(NetworkConfiguration configuration)
    {
        StatusVerb.RequireVersion(configuration, "GC");
        // An absent list is not an empty one: taking it for one would cut every pod off.
        var valid = configuration.ValidAttachments ?? throw new CniException(
            CniErrorCode.InvalidConfiguration, "invalid network configuration",
            "cni.dev/valid-attachments: GC needs the list of attachments in use");
        using var agent = AgentConnection.Open(configuration);
        agent.Ask(new AgentRequest { Operation = AgentOperation.Collect, Valid = valid });
    }
}
