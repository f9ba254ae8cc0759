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
    /// Pairs veths: pods by their attachment, then by the numbers that namespaces have for one another, the rest by
    /// the indexes that each end knows of the other. Two candidates leave an end unpaired, since indexes repeat.
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
        wires.PairByNamespace(all);
        wires.PairByIndex();
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

    private void PairByNamespace(Dictionary<string, Host> hosts)
    {
        foreach (var (end, link) in _links.ToList())
        {
            if (link is not { Kind: "veth", PeerIndex: { } index, PeerNamespaceId: { } number }) continue;
            if (_peers.ContainsKey(end) || !hosts[end.Host].Namespaces.TryGetValue(number, out var name)) continue;
            var peer = hosts.GetValueOrDefault(name)?.State.Link(index);
            if (peer is not null) Join(end, new(name, peer.Name));
        }
    }

    private void PairByIndex()
    {
        var free = _links.Where(l => l.Value is { Kind: "veth", PeerIndex: not null, Index: > 0 }
            && !_peers.ContainsKey(l.Key)).ToLookup(l => (l.Value.Index, l.Value.PeerIndex!.Value), l => l.Key);
        List<(WireEnd From, WireEnd To)> pairs = [];
        foreach (var group in free)
        {
            foreach (var end in group)
            {
                var candidates = free[(group.Key.Value, group.Key.Index)]
                    .Where(c => c != end && Crosses(end, c)).ToList();
                if (candidates.Count == 1) pairs.Add((end, candidates[0]));
            }
        }
        foreach (var (from, to) in pairs)
            if (pairs.Contains((to, from))) Join(from, to);
    }

    // A peer in the same namespace has no namespace id.
    private bool Crosses(WireEnd a, WireEnd b) => (a.Host == b.Host)
        == (_links[a].PeerNamespaceId is null && _links[b].PeerNamespaceId is null);
}
