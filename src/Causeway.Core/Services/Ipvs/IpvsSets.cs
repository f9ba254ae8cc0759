using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Ipvs;

/// <summary>A set of ipset that the rules ask.</summary>
/// <param name="Kind">Its name for IPv4.</param>
public sealed record IpvsSet(string Kind, string Type)
{
    /// <summary>Longest name that ipset takes.</summary>
    private const int LongestName = 31;

    public string Name(IpFamily family)
    {
        if (family == IpFamily.V4) return Kind;
        var name = Kind.Replace("KUBE-", "KUBE-6-", StringComparison.Ordinal);
        return name.Length > LongestName ? name[..LongestName] : name;
    }

    /// <summary>The line of <c>ipset restore</c> that makes it.</summary>
    public string Create(IpFamily family) => Type == IpvsSets.Ports
        ? $"create {Name(family)} {Type} range 0-65535"
        : $"create {Name(family)} {Type} family {(family == IpFamily.V4 ? "inet" : "inet6")} maxelem 1048576";

    /// <summary>What a rule looks at: <c>dst,dst</c>.</summary>
    internal string Directions => Type switch
    {
        IpvsSets.Ports or IpvsSets.Addresses => "dst",
        IpvsSets.AddressPorts => "dst,dst",
        _ => "dst,dst,src",
    };
}

/// <summary>A member of a set, in ipset's words.</summary>
public readonly record struct IpvsMember(IpvsSet Set, string Text);

/// <summary>The sets that the Kubernetes project's proxy has in ipvs mode.</summary>
public static class IpvsSets
{
    internal const string Ports = "bitmap:port";
    internal const string Addresses = "hash:ip";
    internal const string AddressPorts = "hash:ip,port";

    public static readonly IpvsSet LoopBack = new("KUBE-LOOP-BACK", "hash:ip,port,ip");
    public static readonly IpvsSet ClusterIp = new("KUBE-CLUSTER-IP", AddressPorts);
    public static readonly IpvsSet ExternalIp = new("KUBE-EXTERNAL-IP", AddressPorts);
    public static readonly IpvsSet ExternalIpLocal = new("KUBE-EXTERNAL-IP-LOCAL", AddressPorts);
    public static readonly IpvsSet LoadBalancer = new("KUBE-LOAD-BALANCER", AddressPorts);
    public static readonly IpvsSet LoadBalancerLocal = new("KUBE-LOAD-BALANCER-LOCAL", AddressPorts);
    public static readonly IpvsSet LoadBalancerGuarded = new("KUBE-LOAD-BALANCER-FW", AddressPorts);
    public static readonly IpvsSet SourceCidr = new("KUBE-LOAD-BALANCER-SOURCE-CIDR", "hash:ip,port,net");
    public static readonly IpvsSet SourceIp = new("KUBE-LOAD-BALANCER-SOURCE-IP", "hash:ip,port,ip");
    public static readonly IpvsSet ServiceIps = new("KUBE-IPVS-IPS", Addresses);
    public static readonly IpvsSet HealthCheckNodePort = new("KUBE-HEALTH-CHECK-NODE-PORT", Ports);

    /// <summary>Of SCTP by address too: the bitmap that serves TCP and UDP knows no SCTP.</summary>
    public static readonly ImmutableArray<(TransportProtocol Protocol, IpvsSet All, IpvsSet Local)> NodePorts =
    [
        (TransportProtocol.Tcp, new("KUBE-NODE-PORT-TCP", Ports), new("KUBE-NODE-PORT-LOCAL-TCP", Ports)),
        (TransportProtocol.Udp, new("KUBE-NODE-PORT-UDP", Ports), new("KUBE-NODE-PORT-LOCAL-UDP", Ports)),
        (TransportProtocol.Sctp, new("KUBE-NODE-PORT-SCTP-HASH", AddressPorts),
            new("KUBE-NODE-PORT-LOCAL-SCTP-HASH", AddressPorts)),
    ];

    public static readonly ImmutableArray<IpvsSet> All =
    [
        LoopBack, ClusterIp, ExternalIp, ExternalIpLocal, LoadBalancer, LoadBalancerLocal, LoadBalancerGuarded,
        SourceCidr, SourceIp, ServiceIps, HealthCheckNodePort, .. NodePorts.SelectMany(n => new[] { n.All, n.Local }),
    ];
}
