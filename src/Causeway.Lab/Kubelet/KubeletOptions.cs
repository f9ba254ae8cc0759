using Causeway.Core.Addressing;
using Causeway.Core.Naming.Resolving;
using Causeway.Kubernetes;
using Causeway.Lab.Kubelet.Streams;

namespace Causeway.Lab.Kubelet;

/// <summary>One node that the kubelet stands in for.</summary>
/// <param name="NetworkNamespace">Path of the node's network namespace.</param>
/// <param name="Addresses">At most one per family; the first is the pods' hostIP.</param>
/// <param name="CniBinaries">Folders of the plugins, in order: CNI_PATH.</param>
/// <param name="CniConfiguration">The conflist's file, or a folder whose first conflist by name counts. May
/// appear later.</param>
public sealed record KubeletNode(
    string Name, string NetworkNamespace, IReadOnlyList<IpAddress> Addresses,
    IReadOnlyList<string> CniBinaries,
    string CniConfiguration);

/// <summary>What the kubelet stand-in needs.</summary>
public sealed record KubeletOptions
{
    public required KubeClient Client { get; init; }

    public required IReadOnlyList<KubeletNode> Nodes { get; init; }

    /// <summary>Kept over restarts of the lab: logs, and which CNI attachments are to be deleted.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Gone with the lab: pods' files and the records by which <c>lab exec</c> finds them.</summary>
    public string RunDirectory { get; init; } = "/run/causeway/kubelet";

    /// <summary>Where pods' network namespaces are named.</summary>
    public string NamespaceDirectory { get; init; } = "/run/netns";

    /// <summary>The argument vector that starts this program's executable, for built-in workloads.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    /// <summary>The cluster's DNS server, for pods with dnsPolicy ClusterFirst: one address per family; empty
    /// where there is none.</summary>
    public IReadOnlyList<IpAddress> ClusterDns { get; init; } = [];

    /// <summary>The nodes' own resolv.conf; null takes this machine's.</summary>
    public string? NodeResolvConf { get; init; }

    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>What each node offers.</summary>
    public int PodsPerNode { get; init; } = 110;

    /// <summary>Serves logs and exec once the kubelet runs; null when nobody asks.</summary>
    public KubeletStreams? Streams { get; init; }

    /// <summary>CNI calls at one time; they are what costs processor time.</summary>
    public int ParallelCalls { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>Told what went wrong outside of any pod, in one line.</summary>
    public Action<string>? OnProblem { get; init; }

    /// <summary>What nodes know of names. Reads this machine's resolv.conf where no other was given.</summary>
    internal NodeDns NodeDns()
    {
        const string file = "/etc/resolv.conf";
        var own = NodeResolvConf ?? (File.Exists(file) ? File.ReadAllText(file) : "");
        return new([.. ClusterDns], ClusterDomain, ResolvConf.Read(own));
    }
}
