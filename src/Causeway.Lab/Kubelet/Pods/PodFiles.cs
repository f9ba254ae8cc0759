using System.Text;
using Causeway.Core.Naming.Resolving;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>The files in a pod's /etc that a kubelet manages.</summary>
public static class PodFiles
{
    /// <summary>What the kernel takes as a host name.</summary>
    private const int LongestHostName = 64;

    private const string Loopback = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        + "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";

    /// <summary>The pod's host name: <c>spec.hostname</c>, else its name, cut to a label's length; the node's for
    /// host-network pods; with its domain where setHostnameAsFQDN asks for that.</summary>
    public static string HostName(PodObject pod, string node, string clusterDomain)
    {
        if (pod.Spec?.HostNetwork == true) return Cut(node);
        var name = ShortName(pod);
        return pod.Spec is { SetHostnameAsFQDN: true } && Domain(pod, clusterDomain) is { } domain
            ? $"{name}.{domain}" : name;
    }

    /// <summary>Why the pod can have no such host name, in the kubelet's words; null where it can.</summary>
    public static string? HostNameFault(PodObject pod, string node, string clusterDomain) =>
        HostName(pod, node, clusterDomain) is { Length: > LongestHostName } name
            ? $"Failed to construct FQDN from pod hostname and cluster domain, FQDN {name} is too long "
                + $"({LongestHostName} characters is the max, {name.Length} characters requested)"
            : null;

    /// <summary>hosts(5): the pod by all its addresses and its host aliases; on a node's network, the node.</summary>
    /// <param name="addresses">The pod's; the node's for host-network pods.</param>
    public static string Hosts(PodObject pod, string node, IReadOnlyList<string> addresses, string clusterDomain)
    {
        var ofNode = pod.Spec?.HostNetwork == true;
        var text = new StringBuilder("# Kubernetes-managed hosts file");
        text.Append(ofNode ? " (host network).\n" : ".\n").Append(Loopback);
        var name = ofNode ? node : ShortName(pod);
        var names = !ofNode && Domain(pod, clusterDomain) is { } domain ? $"{name}.{domain}\t{name}" : name;
        foreach (var address in addresses) text.Append(address).Append('\t').Append(names).Append('\n');
        if (pod.Spec?.HostAliases is { Count: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases)
                text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames ?? []).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>resolv.conf(5) by the pod's dnsPolicy and dnsConfig, and what of them was cut.</summary>
    public static PodResolvConf ResolvConf(PodObject pod, NodeDns node)
    {
        var spec = pod.Spec;
        return PodResolvConf.Of(
            new(pod.Metadata.Namespace ?? "default", spec?.DnsPolicy, spec?.HostNetwork == true, spec?.DnsConfig), node);
    }

    private static string ShortName(PodObject pod) =>
        Cut(pod.Spec?.Hostname is { Length: > 0 } given ? given : pod.Metadata.Name);

    private static string? Domain(PodObject pod, string clusterDomain) => pod.Spec?.Subdomain is { Length: > 0 } sub
        ? $"{sub}.{pod.Metadata.Namespace}.svc.{clusterDomain}" : null;

    private static string Cut(string name) => name.Length <= 63 ? name : name[..63].TrimEnd('-', '.');
}
