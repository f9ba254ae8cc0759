using System.Collections.Immutable;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>
/// Names the one thing to look at. A packet often dies far from the fault: a missing route sends it to the default
/// gateway. So each deviation from the plan on its way is undone on paper, in order; the first whose undoing
/// changes how the packet fares is the cause. Without one, it is where the packet died.
/// </summary>
internal static class CauseFinder
{
    public static Cause Find(World world, TraceQuery query, RoundTrip trip)
    {
        var died = trip.Deciding.Cause!;
        var met = trip.Forward.Trail.Deviations
            .AddRange(trip.IsReplyAtFault ? trip.Reply!.Trail.Deviations : ImmutableList<Deviation>.Empty);
        foreach (var deviation in met)
        {
            if (Same(died, deviation.Cause)) return deviation.Cause;
            var repaired = Repair(world, deviation);
            if (!Tracer.Follow(repaired, query).Any(t => DiesAlike(t, trip))) return deviation.Cause;
        }
        return died;
    }

    private static bool Same(Cause died, Cause deviation) =>
        died.Code == deviation.Code && died.Node == deviation.Node && died.Evidence == deviation.Evidence;

    private static bool DiesAlike(RoundTrip now, RoundTrip before) =>
        now.IsReplyAtFault == before.IsReplyAtFault
        && now.Deciding.Cause?.Code == before.Deciding.Cause!.Code
        && now.Deciding.Trail.Host.Name == before.Deciding.Trail.Host.Name;

    /// <summary>The planned entry put back with all that goes with its device, and the intruder gone.</summary>
    private static World Repair(World world, Deviation deviation)
    {
        var host = world.Hosts[deviation.Host];
        var state = deviation.Intruder is { } intruder ? host.State.Without(intruder.Key) : host.State;
        state = state.With(deviation.Planned);
        if (deviation.Planned is Route { Device: { } device })
        {
            foreach (var entry in host.Plan.Entries.Where(e => IsOn(e, device))) state = state.With(entry);
            if (host.State.Link(device) is { } link) state = state.With(link with { Up = true });
            else if (host.Plan.Link(device) is { } planned) state = state.With(planned);
        }
        return world.With(host with { State = state });
    }

    private static bool IsOn(Entry entry, string device) => entry switch
    {
        Neighbour neighbour => neighbour.Device == device,
        FdbEntry fdb => fdb.Device == device,
        LinkAddress address => address.Device == device,
        _ => false,
    };
}
