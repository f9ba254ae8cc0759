using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>Question: is it encapsulated as it should be? Neighbour, FDB entry, outer addresses (RFC 7348).</summary>
internal static class EncapsulateHop
{
    // Any port of the ephemeral range: the kernel takes it from a hash of the inner flow.
    private const ushort OuterSourcePort = 49152;

    public static IEnumerable<Finish> Wrap(Way way, Link link)
    {
        if (link.Vxlan is not { } vxlan)
            return [way.Trail.Stop(CauseCode.StateUnknown, "vxlan", $"the settings of {link.Name} were not captured",
                link, "capture them")];
        if (Neighbour(way, link, out var trail) is not { } mac)
            return [NoNeighbour(way, link)];
        var entries = trail.Host.State.All<FdbEntry>()
            .Where(f => f.Device == link.Name && f.Self && f is { Mac: var m, Destination: not null } && m == mac)
            .ToList();
        if (entries.Count == 0) entries = Flooding(trail, link, mac);
        if (entries.Count == 0) return [NoFdb(trail, link, mac)];
        return entries.SelectMany(entry => Send(
            trail with { Probability = trail.Probability / entries.Count }, link, vxlan, mac, entry));
    }

    private static IEnumerable<Finish> Send(
        Trail trail, Link link, VxlanSettings vxlan, MacAddress mac, FdbEntry entry)
    {
        trail = FdbDeviation(trail, link, mac, entry);
        var remote = entry.Destination!.Value;
        if (vxlan.Local is { } local && trail.Host.Owning(local) is null)
            return [trail.Stop(CauseCode.VxlanLocal, "vxlan",
                $"{link.Name} sends from {local}, which this host does not have", link,
                Fix.Here(trail.Host, $"ip address add {local} on the underlay device, or make {link.Name} anew"))];
        var inner = trail.Packet;
        var outer = new Packet(vxlan.Local ?? IpAddress.Any(remote.Family), remote, TransportProtocol.Udp)
        {
            SourcePort = OuterSourcePort,
            DestinationPort = vxlan.Port,
            Mark = inner.Mark,
            Inner = new(vxlan.Vni, mac, inner),
        };
        trail = trail.Log("fdb", $"{mac} is behind {remote}", entry)
            .Log("vxlan", $"wraps it for {remote}, VNI {vxlan.Vni}, UDP port {vxlan.Port}", link);
        return OriginateHop.Send(trail with { Packet = outer, Track = null }, vxlan.Device);
    }

    private static MacAddress? Neighbour(Way way, Link link, out Trail trail)
    {
        trail = way.Trail;
        var entry = NeighbourHop.Entry(trail.Host.State, link.Name, way.NextHop);
        // Nobody answers ARP through a tunnel without flooding, so a learned entry does not live on.
        if (entry is not { Mac: { } mac } || !NeighbourHop.IsStatic(entry)) return null;
        var planned = NeighbourHop.Entry(trail.Host.Plan, link.Name, way.NextHop);
        if (planned is not null && planned.Mac != mac)
            trail = trail.Deviates(new(CauseCode.NeighbourWrong,
                $"{trail.Host.Title}: the neighbour entry for {way.NextHop} on {link.Name} has another MAC than planned",
                trail.Host.Node, $"is: {entry}; planned: {planned}", Fix.Restore(trail.Host, planned)), planned);
        trail = trail.Log("neighbour", $"{way.NextHop} is at {mac}", entry);
        return mac;
    }

    private static Finish NoNeighbour(Way way, Link link)
    {
        var host = way.Trail.Host;
        var planned = NeighbourHop.Entry(host.Plan, link.Name, way.NextHop);
        if (planned is null && HasDefault(host, link))
            return way.Trail.Stop(CauseCode.StateUnknown, "neighbour",
                $"asks for {way.NextHop} by flooding {link.Name}, which this program does not follow", "",
                "look at the far ends by hand");
        return way.Trail.Stop(CauseCode.NeighbourMissing, "neighbour",
            $"{link.Name} has no neighbour entry for {way.NextHop}, the next hop to {way.Trail.Packet.Destination}",
            $"missing: {planned?.ToString() ?? $"{way.NextHop} dev {link.Name} lladdr ... PERMANENT"}",
            planned is null ? "add the entry with the far VXLAN device's MAC" : Fix.Restore(host, planned),
            planned?.Origin);
    }

    private static Finish NoFdb(Trail trail, Link link, MacAddress mac)
    {
        var planned = Planned(trail.Host, link, mac);
        return trail.Stop(CauseCode.FdbMissing, "fdb", $"{link.Name} has no forwarding entry for {mac}",
            $"missing: {planned?.ToString() ?? $"{mac} dev {link.Name} dst ... self permanent"}",
            planned is null ? "add the entry with the far node's address" : Fix.Restore(trail.Host, planned),
            planned?.Origin);
    }

    private static Trail FdbDeviation(Trail trail, Link link, MacAddress mac, FdbEntry entry)
    {
        var planned = Planned(trail.Host, link, mac);
        return planned is null || planned.Destination == entry.Destination
            ? trail
            : trail.Deviates(new(CauseCode.FdbWrong,
                $"{trail.Host.Title}: the forwarding entry for {mac} on {link.Name} leads elsewhere than planned",
                trail.Host.Node, $"is: {entry}; planned: {planned}", Fix.Restore(trail.Host, planned)), planned);
    }

    // Frames for unknown MACs go to every default entry; the one whose far end has the MAC takes it.
    private static List<FdbEntry> Flooding(Trail trail, Link link, MacAddress mac)
    {
        var all = trail.Host.State.All<FdbEntry>()
            .Where(f => f.Device == link.Name && f.Mac.IsZero && f.Destination is not null)
            .OrderBy(f => f.Destination!.Value).ToList();
        var taker = all.Where(f => trail.World.OwnerOf(f.Destination!.Value) is { } far
            && far.State.All<Link>().Any(l => l.Kind == "vxlan" && l.Mac == mac)).ToList();
        return taker.Count > 0 ? taker : all.Take(1).ToList();
    }

    private static bool HasDefault(Host host, Link link) =>
        host.State.All<FdbEntry>().Any(f => f.Device == link.Name && f.Mac.IsZero);

    private static FdbEntry? Planned(Host host, Link link, MacAddress mac) =>
        host.Plan.All<FdbEntry>().FirstOrDefault(f => f.Device == link.Name && f.Mac == mac);
}
