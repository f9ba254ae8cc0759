using Causeway.Core.Trace.Rulesets;

namespace Causeway.Core.Trace;

/// <summary>
/// Address translation at one hook: the destination before routing, the source after it. Rules are asked for the first
/// packet of a connection; an answer gets back the addresses that its sender used.
/// </summary>
internal static class NatHop
{
    public static void Pass(HookContext at, IReadOnlyList<HookChain> chains, List<Trail> passed, List<Finish> ended)
    {
        var track = at.Trail.Track;
        var destination = at.Hook is "prerouting" or "output";
        if (track is not { Started: true, Untracked: false } || (destination ? track.DestinationDone : track.SourceDone))
            passed.Add(at.Trail);
        else if (track.Answered is { } connection)
            passed.Add(Undo(at.Trail, connection, destination));
        else if (at.StateOf(new(at.Trail.Packet, track, 1)) == "invalid")
            passed.Add(at.Trail);
        else
            Ask(at, chains, destination, passed, ended);
    }

    private static void Ask(
        HookContext at, IReadOnlyList<HookChain> chains, bool destination, List<Trail> passed, List<Finish> ended)
    {
        List<Trail> undecided = [at.Trail];
        foreach (var chain in chains)
        {
            List<Trail> next = [];
            foreach (var trail in undecided)
            {
                var here = at with { Trail = trail };
                foreach (var end in FilterHop.Run(here, chain))
                {
                    var done = destination ? end.State.Track.DestinationDone : end.State.Track.SourceDone;
                    FilterHop.Apply(here, chain, end, done ? passed : next, ended);
                }
            }
            undecided = next;
        }
        // Without a rule the address stays, for good.
        passed.AddRange(undecided.Select(t => Done(t, destination)));
    }

    private static Trail Undo(Trail trail, Connection connection, bool destination)
    {
        var (before, after) = (connection.Original, connection.Translated);
        var packet = trail.Packet;
        if (destination && (before.Source, before.SourcePort) != (after.Source, after.SourcePort))
            trail = trail.Log("nat",
                $"answers a masqueraded flow: destination {packet.Destination} becomes {before.Source}",
                $"conntrack {before}") with
            {
                Packet = packet with { Destination = before.Source, DestinationPort = before.SourcePort },
            };
        if (!destination && (before.Destination, before.DestinationPort) != (after.Destination, after.DestinationPort))
            trail = trail.Log("nat",
                $"answers a translated flow: source {Translation.Place(packet.Source, packet.SourcePort)} becomes "
                    + Translation.Place(before.Destination, before.DestinationPort),
                $"conntrack {before}") with
            {
                Packet = packet with { Source = before.Destination, SourcePort = before.DestinationPort },
            };
        return Done(trail, destination);
    }

    private static Trail Done(Trail trail, bool destination) => trail with
    {
        Track = destination ? trail.Track! with { DestinationDone = true } : trail.Track! with { SourceDone = true },
    };
}
