using System.Numerics;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>
/// The source a host gives its own packet: the route's, else the output device's address, else another device's
/// (IPv4: the primary on the next hop's network first; IPv6: RFC 6724 rules 2, 5 and 8 in short).
/// </summary>
internal static class SourceAddress
{
    public static IpAddress? Choose(Host host, Route route, string device, IpAddress nextHop)
    {
        if (route.PreferredSource is { } preferred) return preferred;
        var family = nextHop.Family;
        var usable = host.State.All<LinkAddress>().Where(a => a.Usable && a.Address.Address.Family == family
            && !a.Address.Address.IsLoopback
            && (a.Scope < Scope.Link || (nextHop.IsLinkLocal && route.Destination.Address.IsLinkLocal))).ToList();
        return usable
            .OrderByDescending(a => a.Device == device)
            .ThenByDescending(a => family == IpFamily.V4 && a.Address.Network.Contains(nextHop))
            .ThenByDescending(a => family == IpFamily.V6 ? Common(a.Address.Address, nextHop) : 0)
            .ThenBy(a => host.State.Link(a.Device)?.Index ?? int.MaxValue)
            .ThenBy(a => a.Address.Address)
            .Select(a => (IpAddress?)a.Address.Address).FirstOrDefault();
    }

    private static int Common(IpAddress a, IpAddress b)
    {
        var difference = a.Value ^ b.Value;
        return BitOperations.LeadingZeroCount((ulong)(difference >> 64));
    }
}
