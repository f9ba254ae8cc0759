using System.Globalization;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Lab.Kubelet.Pods;

namespace Causeway.Trace;

/// <summary>The files by which a pod's programs find names.</summary>
/// <param name="Source">Whose they are and how they are known, for people.</param>
internal sealed record PodResolving(ResolvConf Conf, string Hosts, string Source)
{
    /// <summary>Where the kubelet of a lab keeps its records, inside the capsule.</summary>
    public const string RecordDirectory = "/run/causeway/kubelet";

    /// <summary>What a container of a pod that runs sees; null when none runs or its files cannot be read. Inside the
    /// capsule only.</summary>
    public static PodResolving? Read(PodRecord record)
    {
        if (record.Find(null) is not { } container) return null;
        var root = $"/proc/{container.Pid.ToString(CultureInfo.InvariantCulture)}/root/etc";
        try
        {
            return new(
                ResolvConf.Read(File.ReadAllText($"{root}/resolv.conf")), File.ReadAllText($"{root}/hosts"),
                $"/etc/resolv.conf of pod {record.Namespace}/{record.Name}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a name is looked up: in a cluster without DNS a service's name can only mean its cluster
    /// IP.</summary>
    /// <param name="isService">Whether there is a service of that name.</param>
    public bool LooksUp(ClusterSnapshot cluster, bool isService) =>
        !ClusterDns.Addresses(cluster).IsEmpty || (!Conf.Nameservers.IsEmpty && !isService);

    /// <summary>What the pod's dnsPolicy and dnsConfig give. Null where the node's own file counts, which the API does
    /// not know, or where the cluster has no DNS service.</summary>
    public static PodResolving? Planned(ClusterSnapshot cluster, Pod pod)
    {
        var spec = pod.Spec;
        var isOfNode = spec.DnsPolicy == PodDnsPolicy.Default
            || (spec.HostNetwork && spec.DnsPolicy is null or PodDnsPolicy.ClusterFirst);
        var servers = ClusterDns.Addresses(cluster);
        if (isOfNode || (servers.IsEmpty && spec.DnsPolicy != PodDnsPolicy.None)) return null;
        var made = PodResolvConf.Of(
            new(pod.Metadata.Namespace ?? "default", spec.DnsPolicy, spec.HostNetwork, spec.DnsConfig),
            new(servers, KubernetesZones.DefaultDomain.ToString().TrimEnd('.'), ResolvConf.Empty));
        // Read back, so that each part has its line.
        return new(ResolvConf.Read(made.Conf.ToString()), "",
            $"resolv.conf of pod {pod.Metadata.Namespace}/{pod.Metadata.Name} by its dnsPolicy ({spec.DnsPolicy ?? PodDnsPolicy.ClusterFirst})");
    }
}
