using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>
/// What a kernel makes of itself once it is told the rest, and what a plan therefore does not hold: the three
/// policy rules, local routes of addresses, connected routes.
/// </summary>
public static class KernelImplied
{
    private const uint DefaultTable = 253;
    private const byte KernelProtocol = 2;

    /// <summary>The rules of a namespace that nobody touched.</summary>
    public static IEnumerable<Rule> Rules(IpFamily family)
    {
        yield return new() { Family = family, Priority = 0, Table = Route.LocalTable };
        yield return new() { Family = family, Priority = 32766, Table = Route.MainTable };
        if (family == IpFamily.V4) yield return new() { Family = family, Priority = 32767, Table = DefaultTable };
    }

    /// <summary>A plan with what the kernel will add to it. What is there already stays.</summary>
    public static DataplaneState Complete(DataplaneState plan)
    {
        var complete = plan;
        foreach (var address in plan.All<LinkAddress>())
            foreach (var route in RoutesOf(address))
                if (complete[route.Key] is null)
                    complete = complete.With(route with { Origin = address.Origin });
        return complete;
    }

    private static IEnumerable<Route> RoutesOf(LinkAddress address)
    {
        var family = address.Address.Address.Family;
        yield return new()
        {
            Destination = address.Address.Address.Host, Kind = RouteKind.Local, Device = address.Device,
            Table = Route.LocalTable, Scope = Scope.Host, Protocol = KernelProtocol,
        };
        if (address.Address.Length == family.Bits) yield break;
        yield return new()
        {
            Destination = address.Address.Network, Device = address.Device, Scope = Scope.Link,
            PreferredSource = family == IpFamily.V4 ? address.Address.Address : null,
            Metric = family == IpFamily.V4 ? 0u : 256u, Protocol = KernelProtocol,
        };
    }
}
