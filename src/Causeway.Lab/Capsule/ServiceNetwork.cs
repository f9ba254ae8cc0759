using Causeway.Core.Addressing;

namespace Causeway.Lab.Capsule;

/// <summary>The ranges of a lab that belong to Services: the same for every lab, distinct from pods and
/// nodes.</summary>
public static class ServiceNetwork
{
    private static readonly Prefix ClusterV4 = Prefix.Parse("10.96.0.0/16");
    private static readonly Prefix ClusterV6 = Prefix.Parse("fd00:10:96::/112");

    // Documentation ranges (RFC 5737, RFC 3849): nobody's network is shadowed.
    private static readonly Prefix BalancersV4 = Prefix.Parse("198.51.100.0/24");
    private static readonly Prefix BalancersV6 = Prefix.Parse("2001:db8:1b::/112");

    /// <summary>Where cluster addresses come from, the family of Services that ask for none first.</summary>
    public static IReadOnlyList<Prefix> ClusterRanges(LabConfig config) => Of(config, ClusterV4, ClusterV6);

    /// <summary>Where load balancers' addresses come from; the fabric routes them to the nodes.</summary>
    public static IReadOnlyList<Prefix> BalancerRanges(LabConfig config) =>
        Of(config, BalancersV4, BalancersV6);

    private static Prefix[] Of(LabConfig config, Prefix v4, Prefix v6) => config.Family switch
    {
        LabFamily.Ipv4 => [v4],
        LabFamily.Ipv6 => [v6],
        _ => [v4, v6],
    };
}
