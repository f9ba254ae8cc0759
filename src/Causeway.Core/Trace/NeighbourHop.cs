using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>
/// Question: who has the next hop's address on this link? A permanent entry is taken at its word; a learned one
/// is only as good as the answer that will renew it, so the trace looks for who answers.
/// </summary>
internal static class NeighbourHop
{
    public static IEnumerable<Finish> Resolve(Way way, Link link)
    {
        var start = new WireEnd(way.Trail.Host.Name, link.Name);
        var segment = way.Trail.World.Wires.SegmentOf(start);
        var entry = Entry(way.Trail.Host.State, link.Name, way.NextHop);
        return entry is { Mac: { } mac } && IsStatic(entry)
            ? ByMac(way, link, segment, entry, mac)
            : ByQuestion(way, link, segment, entry);
    }

    public static Neighbour? Entry(DataplaneState state, string device, IpAddress address) =>
        state.All<Neighbour>().FirstOrDefault(n => !n.Proxy && n.Device == device && n.Address == address);

    public static bool IsStatic(Neighbour entry) =>
        (entry.State & (NeighbourState.Permanent | NeighbourState.NoArp)) != NeighbourState.None;

    private static IEnumerable<Finish> ByMac(Way way, Link link, Segment segment, Neighbour entry, MacAddress mac)
    {
        var trail = way.Trail.Log("neighbour", $"{way.NextHop} is at {mac}, by a permanent entry", entry);
        // A plan leaves some devices' addresses to the kernel.
        var end = segment.Ends.FirstOrDefault(e => trail.World.Link(e.End)?.Mac == mac)
            ?? segment.Ends.FirstOrDefault(e => trail.World.Link(e.End) is { Mac: null });
        if (end is not null) return WireHop.Cross(trail, end);
        if (segment.Open && trail.World.Inferred(trail.Host, link.Name, way.NextHop) is { } inferred)
        {
            if (trail.World.Link(inferred)?.Mac is null or { IsZero: true } || trail.World.Link(inferred)!.Mac == mac)
                return WireHop.Cross(trail, new(inferred, [inferred]));
        }
        else if (segment.Open)
        {
            return WireHop.LeaveCluster(trail, link, way.NextHop);
        }
        return [trail.Stop(CauseCode.NeighbourWrong, "neighbour",
            $"the permanent entry for {way.NextHop} names {mac}, which no device on the link of {link.Name} has",
            entry, Fix.Here(trail.Host, $"ip neigh del {way.NextHop} dev {link.Name}"))];
    }

    private static IEnumerable<Finish> ByQuestion(Way way, Link link, Segment segment, Neighbour? entry)
    {
        var trail = way.Trail;
        List<(SegmentEnd End, Answer Answer)> all =
            [.. segment.Ends.Select(e => (e, Answers.Of(trail, e, way.NextHop)))];
        var willing = all.Where(a => a.Answer.Refusal is null).ToList();
        if (willing.Count > 0)
            return willing.SelectMany(w => WireHop.Cross(
                Log(trail, entry, way.NextHop, link, w.Answer.Words) with
                {
                    Probability = trail.Probability / willing.Count,
                },
                w.End));
        if (segment.Open) return Beyond(way, link, entry);
        var told = all.Where(a => a.Answer.Telling).Select(a => a.Answer.Refusal!).FirstOrDefault();
        return [told ?? trail.Stop(CauseCode.NeighbourUnanswered, "neighbour",
            $"nobody on the link of {link.Name} answers for {way.NextHop}", Evidence(entry, way.NextHop, link),
            "see who should have the address, and whether it is up")];
    }

    // Where the wire was not captured: whoever has the address on a common network, else somebody outside.
    private static IEnumerable<Finish> Beyond(Way way, Link link, Neighbour? entry)
    {
        var trail = way.Trail;
        if (entry is { State: NeighbourState.Failed })
            return [trail.Stop(CauseCode.NeighbourUnanswered, "neighbour",
                $"{way.NextHop} did not answer on {link.Name}", entry,
                "see whether the machine with that address is up and on the same network")];
        if (trail.World.Inferred(trail.Host, link.Name, way.NextHop) is not { } inferred)
            return Ownership.IsOurDevice(link.Name)
                ? [trail.Stop(CauseCode.WireUnknown, "wire", $"what is behind {link.Name} was not captured", link,
                    "see whether the pod still has its network namespace")]
                : WireHop.LeaveCluster(Log(trail, entry, way.NextHop, link, "stands outside"), link, way.NextHop);
        var far = trail.At(trail.World.Hosts[inferred.Host]);
        if (DeviceHop.NotUsable(far, inferred.Device) is { } unusable) return [unusable];
        var title = far.Host.Title;
        return WireHop.Cross(Log(trail, entry, way.NextHop, link, $"is {title}"), new(inferred, [inferred]));
    }

    private static Trail Log(Trail trail, Neighbour? entry, IpAddress address, Link link, string words) =>
        trail.Log("neighbour", $"{address} {words}", Evidence(entry, address, link),
            entry is null ? null : trail.Host.OriginOf(entry));

    private static string Evidence(Neighbour? entry, IpAddress address, Link link) =>
        entry?.ToString() ?? $"{address} dev {link.Name} (to be asked)";
}
