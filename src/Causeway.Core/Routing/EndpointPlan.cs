using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Routing;

/// <summary>What a node's kernel holds for one pod: the host end of its veth pair, a host route per address,
/// and the settings by which the host end answers for the gateway.</summary>
public static class EndpointPlan
{
    /// <summary>The default metric of the kernel's IPv6 routes, which it fills in for 0.</summary>
    private const uint Ipv6Metric = 1024;

    public static IEnumerable<Entry> Entries(string device, IpAddress address, Origin? origin)
    {
        yield return new Link { Name = device, Kind = "veth", Origin = origin };
        yield return Route(address, origin) with { Device = device, Scope = LinkScope(address.Family) };
        foreach (var (path, value) in Settings(device, address.Family))
            yield return new Sysctl(path, value) { Origin = origin };
    }

    /// <summary>The settings of a host device, for one family. Both the plugin and the agent set them: the plugin
    /// so that a pod works from its first packet, the agent so that it goes on working.</summary>
    public static IEnumerable<(string Path, string Value)> Settings(string device, IpFamily family) =>
        family == IpFamily.V4
            ?
            [
                ($"net/ipv4/conf/{device}/proxy_arp", "1"),
                ($"net/ipv4/conf/{device}/forwarding", "1"),
                ($"net/ipv4/neigh/{device}/proxy_delay", "0"),
            ]
            :
            [
                ($"net/ipv6/conf/{device}/forwarding", "1"),
                ($"net/ipv6/conf/{device}/proxy_ndp", "1"),
            ];

    /// <summary>A host route of ours without a way out yet.</summary>
    internal static Route Route(IpAddress address, Origin? origin) => Route(address.Host, origin);

    internal static Route Route(Prefix destination, Origin? origin) => new()
    {
        Destination = destination,
        Protocol = Ownership.RouteProtocol,
        Metric = destination.Family == IpFamily.V4 ? 0 : Ipv6Metric,
        Origin = origin,
    };

    // IPv6 routes have no scope: the kernel reports all of them as global.
    internal static Scope LinkScope(IpFamily family) => family == IpFamily.V4 ? Scope.Link : Scope.Global;
}
