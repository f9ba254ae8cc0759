using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Trace;

/// <summary>
/// Compares what a host consulted with what its plan says it should have. A deviation becomes the cause only
/// when the packet fares otherwise with the host as planned (see <see cref="CauseFinder"/>).
/// </summary>
internal static class Deviations
{
    /// <summary>The route that was chosen against the one that the plan would choose.</summary>
    public static Trail OfRoute(Trail trail, Flow flow, Route? chosen)
    {
        var host = trail.Host;
        if (RouteLookup.InTable(host.Plan, Route.MainTable, flow with { Output = null }) is not { } planned)
            return trail;
        var observed = host.State[planned.Key] as Route;
        if (observed is null) return trail.Deviates(Missing(host, planned), planned);
        if (!observed.Fulfils(planned))
            return trail.Deviates(new(CauseCode.RouteWrong,
                $"{host.Title}: the route to {planned.Destination} is not the planned one", host.Node,
                $"is: {observed}; planned: {planned}", Fix.Restore(host, planned)), planned);
        if (chosen is null || chosen.Key == planned.Key || IsOwn(host, chosen)) return trail;
        return trail.Deviates(
            new(CauseCode.RouteOverridden,
                $"{host.Title}: another route wins over the planned one to {planned.Destination}", host.Node,
                $"wins: {chosen}; planned: {planned}",
                Fix.Here(host, "see who wrote the route, and remove it: ip route del " + chosen)),
            planned, chosen);
    }

    /// <summary>The planned rules against those that are there.</summary>
    public static Trail OfRules(Trail trail)
    {
        var host = trail.Host;
        foreach (var planned in host.Plan.All<NftTable>())
        {
            var observed = host.State[planned.Key];
            if (observed is not null && observed.Fulfils(planned)) continue;
            var what = observed is null ? "is missing" : "is not the planned one";
            trail = trail.Deviates(
                new(CauseCode.RuleMissing, $"{host.Title}: {planned}, which masquerades what leaves the pools, {what}",
                    host.Node, $"{(observed is null ? "missing" : "planned")}: {NftText.Print(planned)}",
                    Fix.Agent),
                planned);
        }
        return trail;
    }

    /// <summary>A missing route goes with its device: the device is then what to name.</summary>
    public static Cause Missing(Host host, Route planned)
    {
        if (planned.Device is { } device)
        {
            var link = host.State.Link(device);
            if (link is null)
                return new(CauseCode.DeviceMissing,
                    $"{host.Title}: the device {device} is missing, and the route to {planned.Destination} with it",
                    host.Node, $"missing: {planned}", Fix.Restore(host, planned));
            if (!link.Up)
                return new(CauseCode.DeviceDown,
                    $"{host.Title}: {device} is down, and the route to {planned.Destination} went with it",
                    host.Node, link.ToString(), Fix.Up(host, device));
        }
        return new(CauseCode.RouteMissing, $"{host.Title}: the route to {planned.Destination} is missing",
            host.Node, $"missing: {planned}", Fix.Restore(host, planned));
    }

    private static bool IsOwn(Host host, Route chosen) =>
        chosen.Kind == RouteKind.Local && host.Owning(chosen.Destination.Address) is not null;
}
