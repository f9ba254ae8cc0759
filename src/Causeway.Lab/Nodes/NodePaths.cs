using Causeway.Linux.Namespaces;

namespace Causeway.Lab.Nodes;

/// <summary>Where a node's things are inside the capsule.</summary>
public readonly record struct NodePaths(string Node)
{
    public string NetworkNamespacePath => $"{NetworkNamespace.Directory}/{Node}";

    /// <summary>The agent's run directory.</summary>
    public string RunDirectory => $"/run/causeway/{Node}";

    public string AgentSocket => RunDirectory + "/agent.sock";

    /// <summary>Where CNI plugins are looked for.</summary>
    public string CniBinaries => RunDirectory + "/cni/bin";

    /// <summary>Where the node's network configuration list is.</summary>
    public string CniConfigurations => RunDirectory + "/cni/net.d";
}
