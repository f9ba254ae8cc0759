using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Naming.Resolving;

/// <summary>What a pod says about names.</summary>
/// <param name="Policy">A word of <see cref="PodDnsPolicy"/>; null is ClusterFirst.</param>
public sealed record PodDns(string Namespace, string? Policy, bool HostNetwork, PodDnsConfig? Config);

/// <summary>What its node says.</summary>
/// <param name="ClusterServers">The kubelet's <c>clusterDNS</c>; empty where there is none.</param>
/// <param name="File">The node's own resolv.conf.</param>
public sealed record NodeDns(ImmutableArray<IpAddress> ClusterServers, string ClusterDomain, ResolvConf File);

/// <summary>What the kubelet tells as a warning Event of the pod.</summary>
public readonly record struct DnsWarning(string Reason, string Message);

/// <summary>The resolv.conf of a pod, as the kubelet makes it (Kubernetes 1.34, pkg/kubelet/network/dns).</summary>
/// <param name="Conf">What its containers see.</param>
/// <param name="Warnings">What was cut, or could not be had.</param>
public sealed record PodResolvConf(ResolvConf Conf, ImmutableArray<DnsWarning> Warnings)
{
    public const int MostSearches = 32;

    /// <summary>Of the search line: all domains and the spaces between them.</summary>
    public const int LongestSearches = 2048;

    /// <summary>glibc 2.28 ended the whole process at a longer domain.</summary>
    public const int LongestDomain = 253;

    private const string Forming = "DNSConfigForming";

    private static readonly ResolverOption ClusterNdots = new("ndots", "5");

    /// <summary>Nameservers of the pod that are no addresses are left out: the API refuses them.</summary>
    public static PodResolvConf Of(PodDns pod, NodeDns node)
    {
        List<DnsWarning> warnings = [];
        var (servers, searches, options) = Base(pod, node, warnings);
        if (pod.Config is { } config)
        {
            foreach (var text in config.Nameservers ?? [])
                if (IpAddress.TryParse(text, out var address)) servers.Add(new(address));
            searches.AddRange(config.Searches ?? []);
            options = Merge(options, config.Options ?? []);
        }
        var keptServers = FitServers([.. servers.Distinct()], warnings);
        var keptSearches = FitSearches([.. searches.Distinct(StringComparer.Ordinal)], warnings);
        var conf = new ResolvConf(
            [.. keptServers], [.. keptSearches.Select(s => new SearchDomain(s))], [.. options], []);
        return new(conf, [.. warnings]);
    }

    private static (List<Nameserver> Servers, List<string> Searches, List<ResolverOption> Options) Base(
        PodDns pod, NodeDns node, List<DnsWarning> warnings)
    {
        if (pod.Policy == PodDnsPolicy.None) return ([], [], []);
        var own = node.File.Searches.Select(s => s.IsRoot ? "." : s.Name.TrimEnd('.'));
        if (IsOfCluster(pod))
        {
            if (!node.ClusterServers.IsEmpty)
            {
                var domain = node.ClusterDomain;
                return (
                    [.. node.ClusterServers.Select(a => new Nameserver(a))],
                    [$"{pod.Namespace}.svc.{domain}", $"svc.{domain}", domain, .. own],
                    [ClusterNdots]);
            }
            warnings.Add(new("MissingClusterDNS",
                "kubelet does not have ClusterDNS IP configured and cannot create Pod using "
                + $"\"{pod.Policy ?? PodDnsPolicy.ClusterFirst}\" policy. Falling back to \"Default\" policy."));
        }
        return (
            [.. node.File.Nameservers.Select(n => n with { Line = 0 })], [.. own],
            [.. node.File.Options.Select(o => o with { Line = 0 })]);
    }

    // On the node's network ClusterFirst means the node's own resolver, which may have to find the cluster first.
    private static bool IsOfCluster(PodDns pod) => pod.Policy switch
    {
        null or PodDnsPolicy.ClusterFirst => !pod.HostNetwork,
        PodDnsPolicy.ClusterFirstWithHostNet => true,
        _ => false,
    };

    private static List<ResolverOption> Merge(List<ResolverOption> options, IReadOnlyList<PodDnsOption> added)
    {
        List<ResolverOption> merged = [];
        foreach (var option in options.Concat(added.Select(a => new ResolverOption(a.Name, EmptyIsNone(a.Value)))))
        {
            var place = merged.FindIndex(o => o.Name == option.Name);
            if (place < 0) merged.Add(option);
            else merged[place] = option;
        }
        return merged;
    }

    private static string? EmptyIsNone(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static List<Nameserver> FitServers(List<Nameserver> servers, List<DnsWarning> warnings)
    {
        if (servers.Count <= ResolvConf.MostNameservers) return servers;
        var kept = servers[..ResolvConf.MostNameservers];
        warnings.Add(new(Forming, "Nameserver limits were exceeded, some nameservers have been omitted, the applied "
            + $"nameserver line is: {string.Join(' ', kept)}"));
        return kept;
    }

    private static List<string> FitSearches(List<string> searches, List<DnsWarning> warnings)
    {
        var kept = searches.Take(MostSearches).Where(s => s.Length <= LongestDomain).ToList();
        var length = kept.Sum(s => s.Length + 1) - 1;
        while (length > LongestSearches)
        {
            length -= kept[^1].Length + 1;
            kept.RemoveAt(kept.Count - 1);
        }
        if (kept.Count < searches.Count)
            warnings.Add(new(Forming, "Search Line limits were exceeded, some search paths have been omitted, the "
                + $"applied search line is: {string.Join(' ', kept)}"));
        return kept;
    }
}
