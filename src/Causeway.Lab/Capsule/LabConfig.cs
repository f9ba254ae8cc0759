using System.Globalization;
using Causeway.Core;
using Causeway.Core.Cluster;

namespace Causeway.Lab.Capsule;

/// <summary>How the nodes are wired: one segment, or two with a router between.</summary>
public enum Topology
{
    Flat,
    Routed,
}

/// <summary>Which addresses nodes and pods have.</summary>
public enum LabFamily
{
    Ipv4,
    Ipv6,
    Dual,
}

/// <summary>Who turns Services into rules on the nodes.</summary>
public enum ServiceProxy
{
    Nftables,
    Iptables,
    Ipvs,

    /// <summary>Nobody, or somebody else.</summary>
    None,
}

/// <summary>What a lab was asked to be; fixed when it is first brought up.</summary>
/// <param name="Pools">The pods' ranges in CIDR form, at most one per family, in the order given.</param>
/// <param name="Dns">Whether the lab makes the cluster's DNS.</param>
public sealed record LabConfig(
    int Nodes, Encapsulation Encapsulation, Topology Topology, LabFamily Family, IReadOnlyList<string> Pools,
    ServiceProxy Proxy = ServiceProxy.Nftables, bool Dns = true)
{
    public const int MaxNodes = 500;

    /// <summary>n1, n2, ... in order.</summary>
    public IEnumerable<string> NodeNames() =>
        Enumerable.Range(1, Nodes).Select(i => "n" + i.ToString(CultureInfo.InvariantCulture));

    /// <summary>Throws <see cref="InputException"/> naming the number when it is out of range.</summary>
    public static int CheckNodes(int nodes) => nodes is >= 1 and <= MaxNodes
        ? nodes
        : throw new InputException($"--nodes {nodes}: a lab has 1 to {MaxNodes} nodes");
}
