using Causeway.Core.Addressing;

namespace Causeway.Core.Cluster;

/// <summary>A Service of the API (core/v1). Addresses and numbers stay as they came: whoever plans checks them.</summary>
public sealed record Service : KubeObject
{
    public const string ClusterIpType = "ClusterIP";
    public const string NodePortType = "NodePort";
    public const string LoadBalancerType = "LoadBalancer";
    public const string ExternalNameType = "ExternalName";

    /// <summary>The cluster IP of a service that has none on purpose.</summary>
    public const string Headless = "None";

    /// <summary>The word of both traffic policies that keeps traffic on the node.</summary>
    public const string Local = "Local";

    public const string ClientIp = "ClientIP";

    /// <summary>Names another proxy: the standard one leaves the service and its slices alone.</summary>
    public const string ProxyNameLabel = "service.kubernetes.io/service-proxy-name";

    /// <summary>Set by controllers on what no proxy needs to see.</summary>
    public const string HeadlessLabel = "service.kubernetes.io/headless";

    /// <summary>What <c>spec.loadBalancerSourceRanges</c> was before it was a field: CIDRs between commas.</summary>
    public const string SourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";

    public ServiceSpec Spec { get; init; } = new();

    public ServiceStatus? Status { get; init; }

    /// <summary>The cluster IPs that are addresses; none of a headless service.</summary>
    public IEnumerable<IpAddress> ClusterAddresses()
    {
        foreach (var text in Spec.ClusterIPs is { Count: > 0 } all ? all : [Spec.ClusterIP ?? ""])
            if (IpAddress.TryParse(text, out var address)) yield return address;
    }
}

/// <summary>The fields that the network reads.</summary>
public sealed record ServiceSpec
{
    /// <summary>Absent means ClusterIP.</summary>
    public string? Type { get; init; }

    public string? ClusterIP { get; init; }

    /// <summary>At most one per family; the first equals <see cref="ClusterIP"/>.</summary>
    public IReadOnlyList<string>? ClusterIPs { get; init; }

    public IReadOnlyList<string>? IpFamilies { get; init; }

    public string? IpFamilyPolicy { get; init; }

    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    public IReadOnlyList<ServicePort>? Ports { get; init; }

    public IReadOnlyList<string>? ExternalIPs { get; init; }

    public string? ExternalName { get; init; }

    public IReadOnlyList<string>? LoadBalancerSourceRanges { get; init; }

    public string? LoadBalancerClass { get; init; }

    /// <summary>Absent means true.</summary>
    public bool? AllocateLoadBalancerNodePorts { get; init; }

    /// <summary><c>None</c> or <c>ClientIP</c>.</summary>
    public string? SessionAffinity { get; init; }

    public SessionAffinityConfig? SessionAffinityConfig { get; init; }

    /// <summary><c>Cluster</c> or <c>Local</c>.</summary>
    public string? ExternalTrafficPolicy { get; init; }

    /// <summary><c>Cluster</c> or <c>Local</c>.</summary>
    public string? InternalTrafficPolicy { get; init; }

    public int? HealthCheckNodePort { get; init; }

    /// <summary>For the endpoint-slice controller: it then says ready of pods that are not.</summary>
    public bool PublishNotReadyAddresses { get; init; }

    /// <summary><c>PreferClose</c>, <c>PreferSameZone</c> or <c>PreferSameNode</c>: becomes hints in the slices.</summary>
    public string? TrafficDistribution { get; init; }
}

/// <param name="Name">Empty where a service has one port.</param>
/// <param name="Protocol"><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>; absent means TCP.</param>
public sealed record ServicePort(
    string? Name = null, string? Protocol = null, int Port = 0, int? NodePort = null, string? AppProtocol = null);

public sealed record SessionAffinityConfig(ClientIpConfig? ClientIP = null);

/// <param name="TimeoutSeconds">1..86400.</param>
public sealed record ClientIpConfig(int? TimeoutSeconds = null)
{
    public const int DefaultTimeoutSeconds = 10800;
}

public sealed record ServiceStatus(LoadBalancerStatus? LoadBalancer = null);

public sealed record LoadBalancerStatus(IReadOnlyList<LoadBalancerIngress>? Ingress = null);

/// <param name="IpMode"><c>VIP</c> (packets arrive with this address as destination; also when absent) or
/// <c>Proxy</c> (they do not: nodes need no rules for it).</param>
public sealed record LoadBalancerIngress(string? Ip = null, string? Hostname = null, string? IpMode = null)
{
    public bool IsVip => IpMode is null or "VIP";
}
