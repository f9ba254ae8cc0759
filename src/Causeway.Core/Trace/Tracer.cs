using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Trace.Rulesets;

namespace Causeway.Core.Trace;

/// <summary>
/// Follows one packet and its reply through a world: pure, the same for planned and observed worlds. Asks the
/// seven questions of pod connectivity in order, forward and then back.
/// </summary>
public static class Tracer
{
    // A client's port; which one does not matter to what the model reads.
    private const ushort ClientPort = 40000;

    /// <summary>Throws <see cref="ArgumentException"/> when the sending host is not in the world.</summary>
    public static TraceResult Run(World world, TraceQuery query)
    {
        if (world[query.From] is null) throw new ArgumentException($"no host {query.From} in this world", nameof(query));
        return Verdicts.Of(world, query, Follow(world, query));
    }

    /// <summary>Every branch there and back.</summary>
    internal static ImmutableArray<RoundTrip> Follow(World world, TraceQuery query)
    {
        var source = world[query.From]!;
        var packet = new Packet(IpAddress.Any(query.To.Family), query.To, query.Protocol)
        {
            SourcePort = query.Protocol == TransportProtocol.Icmp ? (ushort)0 : ClientPort,
            DestinationPort = query.Port,
        };
        var start = new Trail { World = world, Host = source, Packet = packet };
        if (query.Source is { } outside) return [.. Enter(start, outside).SelectMany(e => Return(e, query))];
        var ready = PodHop.Ready(start, query.To.Family);
        IEnumerable<Finish> ends = ready.End is { } end ? [end] : OriginateHop.Send(ready.Trail);
        return [.. ends.SelectMany(e => Return(e, query))];
    }

    // From outside a packet comes in where the host would send to its source.
    private static IEnumerable<Finish> Enter(Trail start, IpAddress source)
    {
        var packet = start.Packet with { Source = source };
        var towards = RouteLookup.Find(start.Host.State, new(source, null, Flow.Local)).Route;
        if (towards is not { Kind: RouteKind.Unicast } || RouteLookup.WaysOut(towards)[0].Device is not { } device)
            return [start.Stop(CauseCode.NoRoute, "route", $"has no route to {source}, where the packet would come from",
                towards?.ToString() ?? "", "name a sender that the node can answer")];
        return ReceiveHop.Receive((start with { Packet = packet }).Log(
            "wire", $"a packet from {source} arrives on {device}", start.Host.State.Link(device)), device);
    }

    private static IEnumerable<RoundTrip> Return(Finish forward, TraceQuery query)
    {
        var trail = forward.Trail;
        var share = trail.Probability;
        switch (forward.Disposition)
        {
            // Where a rule translated the destination, another host than the one named may well be right.
            case Disposition.Delivered when query.ToHost is { } wanted && trail.Host.Name != wanted
                && trail.Packet.Destination == query.To:
                return [new(WrongHost(trail, wanted), null, share)];
            case Disposition.Delivered:
                var answer = new Trail
                {
                    World = trail.World, Host = trail.Host, Packet = trail.Packet.Answer(),
                    Answers = trail.Connections,
                };
                return Replies(forward, OriginateHop.Send(answer), query, share);
            case Disposition.LeavesCluster when trail.LeftBy is { } left:
                var back = new Trail
                {
                    World = trail.World, Host = trail.World.Hosts[left.Host], Packet = trail.Packet.Answer(),
                    Answers = trail.Connections,
                };
                return Replies(forward, ReceiveHop.Receive(back.Log("wire",
                    $"supposing that {trail.Packet.Destination} answers: its reply arrives on {left.Device}"),
                    left.Device), query, share);
            default:
                return [new(forward, null, share)];
        }
    }

    private static IEnumerable<RoundTrip> Replies(
        Finish forward, IEnumerable<Finish> replies, TraceQuery query, double share) =>
        replies.Select(r => new RoundTrip(forward, Recognised(r, query), share * r.Trail.Probability));

    // An answer from another address than the one that was asked is no answer to the asking program.
    private static Finish Recognised(Finish reply, TraceQuery query)
    {
        var trail = reply.Trail;
        if (query.Source is { } outside && reply.Disposition == Disposition.LeavesCluster
            && trail.Packet.Destination == outside)
            reply = trail.Finish(Disposition.Delivered);
        if (reply.Disposition != Disposition.Delivered) return reply;
        if (query.Source is null && trail.Host.Name != query.From) return WrongHost(trail, query.From);
        return trail.Packet.Source == query.To && trail.Packet.SourcePort == query.Port
            ? reply
            : trail.Stop(CauseCode.ReplyDiffers, "delivery",
                $"the reply comes from {Translation.Place(trail.Packet.Source, trail.Packet.SourcePort)}, but "
                    + $"{Translation.Place(query.To, query.Port)} was asked", "",
                "see which rule rewrote the reply's source");
    }

    private static Finish WrongHost(Trail trail, string wanted)
    {
        var address = trail.Packet.Destination;
        return trail.Stop(CauseCode.WrongHost, "delivery",
            $"took the packet for {address}, which belongs to {trail.World[wanted]?.Title ?? wanted}",
            trail.Host.Owning(address), "see why two hosts have one address, and take it from this one");
    }
}

/// <summary>One branch there and back.</summary>
/// <param name="Reply">Null where the packet did not arrive.</param>
internal sealed record RoundTrip(Finish Forward, Finish? Reply, double Probability)
{
    /// <summary>The leg that decides: the first that did not end in delivery, else the reply.</summary>
    public Finish Deciding => Forward.Disposition is Disposition.Stopped or Disposition.Unknown || Reply is null
        ? Forward
        : Reply.Disposition != Disposition.Delivered ? Reply
        : Forward.Disposition == Disposition.Delivered ? Reply : Forward;

    public bool IsReplyAtFault => Reply is not null && ReferenceEquals(Deciding, Reply);
}
