using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;

namespace Causeway.Cni;

/// <summary>STATUS: whether an ADD could be served now.</summary>
internal static class StatusVerb
{
    public static void Run(NetworkConfiguration configuration)
    {
        RequireVersion(configuration, "STATUS");
        try
        {
            using var agent = AgentConnection.Open(configuration, CniErrorCode.NotAvailable);
            agent.Ask(new AgentRequest { Operation = AgentOperation.Status });
        }
        catch (CniException e) when (e.Error.Code == CniErrorCode.TryAgainLater)
        {
            throw new CniException(CniErrorCode.NotAvailable, "the plugin is not available", e.Error.Details);
        }
    }

    /// <summary>STATUS and GC came with 1.1.0.</summary>
    public static void RequireVersion(NetworkConfiguration configuration, string verb)
    {
        if (CniVersion.AtLeast(configuration.CniVersion, "1.1.0")) return;
        throw new CniException(
            CniErrorCode.IncompatibleVersion, "incompatible CNI versions",
            $"version {configuration.CniVersion} has no {verb}; it came with 1.1.0");
    }
}
