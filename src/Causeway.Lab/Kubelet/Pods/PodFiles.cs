using System.Text;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>The files in a pod's /etc that a kubelet manages.</summary>
public static class PodFiles
{
    /// <summary>The pod's host name: <c>spec.hostname</c>, else its name; the node's for host-network pods.
    /// The kernel takes 63 characters, so that a longer name is cut.</summary>
    public static string HostName(PodObject pod, string node)
    {
        var name = pod.Spec?.HostNetwork == true ? node
            : pod.Spec?.Hostname is { Length: > 0 } given ? given
            : pod.Metadata.Name;
        return name.Length <= 63 ? name : name[..63].TrimEnd('-', '.');
    }

    public static string Hosts(PodObject pod, string hostName, IReadOnlyList<string> addresses,
        string clusterDomain)
    {
        var text = new StringBuilder("# Kubernetes-managed hosts file.\n");
        text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        text.Append("fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
        var names = pod.Spec is { HostNetwork: false, Subdomain: { Length: > 0 } sub }
            ? $"{hostName}.{sub}.{pod.Metadata.Namespace}.svc.{clusterDomain}\t{hostName}"
            : hostName;
        foreach (var address in addresses) text.Append(address).Append('\t').Append(names).Append('\n');
        if (pod.Spec?.HostAliases is { Count: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases)
                text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames ?? []).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>resolv.conf(5) by the pod's dnsPolicy and dnsConfig.</summary>
    /// <param name="nameserver">The cluster's; null where there is none yet.</param>
    /// <param name="nodeFile">The node's own resolv.conf.</param>
    public static string ResolvConf(PodObject pod, string? nameserver, string clusterDomain, string nodeFile)
    {
        var spec = pod.Spec;
        var policy = spec?.DnsPolicy ?? "ClusterFirst";
        // On the node's network the cluster's names are asked for by name only.
        if (policy == "ClusterFirst" && spec?.HostNetwork == true) policy = "Default";
        if (policy == "ClusterFirstWithHostNet") policy = "ClusterFirst";
        var config = spec?.DnsConfig;
        if (policy == "Default" && config is null) return nodeFile;
        var (servers, searches, options) = policy switch
        {
            "ClusterFirst" when nameserver is not null =>
                Cluster(nameserver, pod.Metadata.Namespace, clusterDomain),
            "Default" => Parse(nodeFile),
            _ => new([], [], []),
        };
        servers.AddRange(config?.Nameservers ?? []);
        searches.AddRange(config?.Searches ?? []);
        foreach (var option in config?.Options ?? [])
        {
            options.RemoveAll(o => o == option.Name
                || o.StartsWith(option.Name + ":", StringComparison.Ordinal));
            options.Add(option.Value is null ? option.Name : $"{option.Name}:{option.Value}");
        }
        var text = new StringBuilder();
        if (searches.Count > 0) text.Append("search ").AppendJoin(' ', searches.Distinct()).Append('\n');
        foreach (var server in servers.Distinct()) text.Append("nameserver ").Append(server).Append('\n');
        if (options.Count > 0) text.Append("options ").AppendJoin(' ', options).Append('\n');
        return text.Length > 0 ? text.ToString() : "# No name server: this lab has no cluster DNS yet.\n";
    }

    private static (List<string> Servers, List<string> Searches, List<string> Options) Cluster(
        string nameserver, string? ns, string domain) =>
        ([nameserver], [$"{ns}.svc.{domain}", $"svc.{domain}", domain], ["ndots:5"]);

    private static (List<string> Servers, List<string> Searches, List<string> Options) Parse(string file)
    {
        List<string> servers = [], searches = [], options = [];
        foreach (var line in file.Split('\n'))
        {
            var words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            if (words[0] == "nameserver") servers.Add(words[1]);
            else if (words[0] is "search" or "domain") searches = [.. words[1..]];
            else if (words[0] == "options") options.AddRange(words[1..]);
        }
        return (servers, searches, options);
    }
}
