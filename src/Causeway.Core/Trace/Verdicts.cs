using System.Collections.Immutable;

using Causeway.Core.Addressing;

namespace Causeway.Core.Trace;

/// <summary>From branches to one verdict and one cause.</summary>
internal static class Verdicts
{
    public static TraceResult Of(World world, TraceQuery query, ImmutableArray<RoundTrip> trips)
    {
        var judged = trips.Select(t => (Trip: t, Cause: CauseOf(world, query, t))).ToList();
        var deciding = judged.OrderBy(j => Rank(j.Cause)).ThenByDescending(j => j.Trip.Probability).First();
        var causes = judged.Select(j => j.Cause).ToList();
        var verdict = causes.TrueForAll(c => c is null) ? Verdict.Reachable
            : causes.Exists(c => c is { IsUnknown: true }) ? Verdict.Unknown
            : causes.Exists(c => c is null or { Code: CauseCode.Mtu }) ? Verdict.Partial
            : Verdict.Unreachable;
        var order = judged.OrderBy(j => !ReferenceEquals(j.Trip, deciding.Trip)).ToList();
        return new(
            PacketOf(deciding.Trip, query), verdict,
            LegOf(order.Select(j => (j.Trip.Forward, j.Trip.Forward.Trail.Probability,
                j.Trip.IsReplyAtFault ? null : j.Cause))),
            LegOf(order.Where(j => j.Trip.Reply is not null).Select(j => (j.Trip.Reply!, j.Trip.Probability,
                j.Trip.IsReplyAtFault ? j.Cause : null))),
            deciding.Cause, Notes(judged.Select(j => j.Trip), query));
    }

    // What cannot be told outweighs all; then what stops; then what hurts large packets alone.
    private static int Rank(Cause? cause) => cause switch
    {
        { IsUnknown: true } => 0,
        { Code: not CauseCode.Mtu } => 1,
        not null => 2,
        null => 3,
    };

    private static Cause? CauseOf(World world, TraceQuery query, RoundTrip trip)
    {
        if (trip.Deciding.Cause is null)
            return Sizes.TooSmall(trip.Forward.Trail, trip.Reply?.Trail, reply: false)
                ?? (trip.Reply is null ? null : Sizes.TooSmall(trip.Reply.Trail, trip.Forward.Trail, reply: true));
        var cause = CauseFinder.Find(world, query, trip);
        return trip.IsReplyAtFault ? cause with { Message = $"the reply does not come back: {cause.Message}" } : cause;
    }

    private static Leg LegOf(IEnumerable<(Finish Finish, double Probability, Cause? Cause)> ends) => new([.. ends
        .DistinctBy(e => e.Finish)
        .Select(e => new Branch(e.Probability, [.. e.Finish.Trail.Hops], e.Finish.Disposition, e.Cause))]);

    private static Packet PacketOf(RoundTrip trip, TraceQuery query)
    {
        var sent = trip.Forward.Trail.Connections.FirstOrDefault()?.Original ?? trip.Forward.Trail.Packet;
        while (sent.Inner is { } inner) sent = inner.Packet;
        return sent with { Destination = query.To, DestinationPort = query.Port };
    }

    private static ImmutableArray<string> Notes(IEnumerable<RoundTrip> trips, TraceQuery query)
    {
        var notes = ImmutableArray.CreateBuilder<string>();
        if (query.Port != 0 && query.Protocol != TransportProtocol.Icmp)
            notes.Add($"whether a process listens on {query.Protocol.Word} port {query.Port} was not checked");
        foreach (var message in trips.SelectMany(t => t.Forward.Trail.Deviations
            .Concat(t.Reply?.Trail.Deviations ?? [])).Select(d => d.Cause.Message).Distinct())
            notes.Add($"not as planned: {message}");
        return notes.ToImmutable();
    }
}
