using System.Collections.Immutable;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>A device of a host.</summary>
internal readonly record struct WireEnd(string Host, string Device)
{
    public override string ToString() => $"{Host} {Device}";
}

/// <summary>A device that a frame can reach on layer 2, and the devices it passes to get there, the last included.</summary>
internal sealed record SegmentEnd(WireEnd End, ImmutableArray<WireEnd> Way);

/// <summary>Everything one device reaches on layer 2.</summary>
/// <param name="Open">Some wire leads to where nothing was captured.</param>
internal sealed record Segment(ImmutableArray<SegmentEnd> Ends, bool Open);

/// <summary>Which devices share a veth pair, and through bridges a layer-2 segment. States of devices do not count.</summary>
internal sealed class Wires
{
    private readonly Dictionary<WireEnd, WireEnd> _peers = [];
    private readonly Dictionary<WireEnd, Link> _links = [];

    /// <summary>
    /// Pairs veths: pods by their attachment, then fabric against nodes, then the rest, by the indexes that each
    /// end knows of the other. Two candidates leave an end unpaired, since indexes repeat between namespaces.
    /// </summary>
    public static Wires Of(IEnumerable<Host> hosts)
    {
        var wires = new Wires();
        var all = hosts.ToDictionary(h => h.Name, StringComparer.Ordinal);
        foreach (var host in all.Values)
            foreach (var link in host.State.All<Link>())
                wires._links[new(host.Name, link.Name)] = link;
        foreach (var pod in all.Values)
            if (pod.Attachment is { } at && all.ContainsKey(at.Node))
                wires.Join(new(pod.Name, at.Device), new(at.Node, at.HostDevice));
        wires.PairByIndex(all, (a, b) => a == HostKind.Node && b is HostKind.Router or HostKind.Outside);
        wires.PairByIndex(all, (a, b) => a != HostKind.Pod && b != HostKind.Pod);
        wires.PairByIndex(all, (_, _) => true);
        return wires;
    }

    public WireEnd? Peer(WireEnd end) => _peers.TryGetValue(end, out var peer) ? peer : null;

    /// <summary>What is on the far side of this device was not captured.</summary>
    public bool IsOpen(WireEnd end) => !_peers.ContainsKey(end) && !_links.Values.Any(l => IsPort(end, l));

    public Segment SegmentOf(WireEnd start)
    {
        var ends = ImmutableArray.CreateBuilder<SegmentEnd>();
        var open = false;
        HashSet<WireEnd> seen = [start];
        Leave(start, [], ends, seen, ref open);
        return new(ends.ToImmutable(), open);
    }

    private void Leave(
        WireEnd from, ImmutableArray<WireEnd> way, ImmutableArray<SegmentEnd>.Builder ends,
        HashSet<WireEnd> seen, ref bool open)
    {
        if (_links.TryGetValue(from, out var link) && link.Kind == "bridge")
        {
            foreach (var port in PortsOf(from)) Leave(port, way.Add(port), ends, seen, ref open);
            return;
        }
        if (Peer(from) is not { } peer)
        {
            open = true;
            return;
        }
        if (!seen.Add(peer)) return;
        way = way.Add(peer);
        if (!_links.TryGetValue(peer, out var at) || at.Master is not { } master)
        {
            ends.Add(new(peer, way));
            return;
        }
        var bridge = new WireEnd(peer.Host, master);
        if (!seen.Add(bridge)) return;
        way = way.Add(bridge);
        ends.Add(new(bridge, way));
        foreach (var port in PortsOf(bridge).Where(p => p != peer))
            if (seen.Add(port)) Leave(port, way.Add(port), ends, seen, ref open);
    }

    private IEnumerable<WireEnd> PortsOf(WireEnd bridge) =>
        _links.Where(l => l.Key.Host == bridge.Host && l.Value.Master == bridge.Device)
            .Select(l => l.Key).OrderBy(e => e.Device, StringComparer.Ordinal);

    private bool IsPort(WireEnd bridge, Link link) =>
        link.Master == bridge.Device && _links.ContainsKey(new(bridge.Host, link.Name));

    private void Join(WireEnd a, WireEnd b)
    {
        _peers[a] = b;
        _peers[b] = a;
    }

    private void PairByIndex(Dictionary<string, Host> hosts, Func<HostKind, HostKind, bool> eligible)
    {
        var free = _links.Where(l => l.Value is { Kind: "veth", PeerIndex: not null, Index: > 0 }
            && !_peers.ContainsKey(l.Key)).ToLookup(l => (l.Value.Index, l.Value.PeerIndex!.Value), l => l.Key);
        List<(WireEnd, WireEnd)> pairs = [];
        foreach (var group in free)
        {
            var (index, peerIndex) = group.Key;
            foreach (var end in group)
            {
                var candidates = free[(peerIndex, index)].Where(c => c != end
                    && Crosses(end, c) && eligible(hosts[end.Host].Kind, hosts[c.Host].Kind)).ToList();
                if (candidates.Count == 1) pairs.Add((end, candidates[0]));
            }
        }
        foreach (var group in pairs.GroupBy(p => p.Item2).Where(g => g.Count() == 1))
            if (!_peers.ContainsKey(group.Key) && !_peers.ContainsKey(group.First().Item1))
                Join(group.First().Item1, group.Key);
    }

    // A peer in the same namespace has no namespace id.
    private bool Crosses(WireEnd a, WireEnd b) => (a.Host == b.Host)
        == (_links[a].PeerNamespaceId is null && _links[b].PeerNamespaceId is null);
}
