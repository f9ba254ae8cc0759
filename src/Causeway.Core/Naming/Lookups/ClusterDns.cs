using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Configuration;

namespace Causeway.Core.Naming.Lookups;

/// <summary>The cluster's own DNS: which addresses it is asked at, and what stands behind them.</summary>
public sealed class ClusterDns
{
    /// <summary>Where the DNS service, its pods and its configuration are.</summary>
    public const string Namespace = "kube-system";

    public const string ServiceName = "kube-dns";
    public const string ConfigMapName = "coredns";
    public const string ConfigKey = "Corefile";

    internal const string ConfigOrigin = $"ConfigMap {Namespace}/{ConfigMapName}";

    private readonly ClusterSnapshot _cluster;
    private readonly DnsConfiguration _configuration;

    /// <param name="corefile">The ConfigMap's text; null where there is none.</param>
    public ClusterDns(ClusterSnapshot cluster, string? corefile)
    {
        _cluster = cluster;
        // An empty file in place of those on the server's disk, so that what is forwarded to their servers is told.
        ConfigEnvironment environment = new(_ => null, _ => "");
        (_configuration, var problems) = DnsConfiguration.Read(
            ConfigKey, corefile ?? DnsConfiguration.DefaultText, environment);
        Notes =
        [
            .. corefile is not null ? (string[])[]
                : [$"{ConfigOrigin} is not there or may not be read: answers are those of the default configuration"],
            .. problems.Select(p =>
                $"{ConfigOrigin} has an error, so the servers may keep an earlier one: {p}"),
        ];
    }

    /// <summary>What is wrong with the configuration, or supposed.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>The cluster IPs of the DNS service; empty where there is none.</summary>
    public static ImmutableArray<IpAddress> Addresses(ClusterSnapshot cluster) =>
        cluster.Services.GetValueOrDefault($"{Namespace}/{ServiceName}") is { } service ? [.. service.ClusterAddresses()] : [];

    /// <summary>The service with this cluster IP; null when there is none.</summary>
    public static Service? ServiceAt(ClusterSnapshot cluster, IpAddress address) =>
        cluster.Services.Values.FirstOrDefault(s => s.ClusterAddresses().Contains(address));

    /// <summary>The server that is asked at an address; null when it is none of the cluster's own.</summary>
    public ExpectedServer? At(IpAddress address)
    {
        if (ServiceAt(_cluster, address) is { Metadata.Namespace: Namespace } service)
            return new(_configuration, _cluster, PortBehind(service), address);
        return SlicesOf(ServiceName).Any(s => (s.Endpoints ?? []).Any(e => (e.Addresses ?? []).Contains(address.ToString())))
            ? new(_configuration, _cluster, local: address)
            : null;
    }

    // The servers' own port may be another than the service's.
    private ushort PortBehind(Service service)
    {
        var name = (service.Spec.Ports ?? [])
            .FirstOrDefault(p => p is { Port: ServerKey.DefaultPort, Protocol: "UDP" })?.Name;
        var port = SlicesOf(service.Metadata.Name).SelectMany(s => s.Ports ?? [])
            .FirstOrDefault(p => p.Protocol == "UDP" && (p.Name ?? "") == (name ?? ""))?.Port;
        return port is > 0 and <= ushort.MaxValue ? (ushort)port : ServerKey.DefaultPort;
    }

    private IEnumerable<EndpointSlice> SlicesOf(string service) => _cluster.EndpointSlices.Values.Where(s =>
        s.Metadata.Namespace == Namespace
        && s.Metadata.Labels?.GetValueOrDefault(EndpointSlice.ServiceNameLabel) == service);
}
