using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Services;

/// <summary>
/// UDP flows to one destination that must be forgotten when services change: connection tracking would go on to
/// send them where nobody answers any more, or where nobody ever did. A TCP peer notices by itself.
/// </summary>
/// <param name="Address">Null for a node port: any address of the node.</param>
/// <param name="Kept">Where flows may go on to: endpoints that pass their checks, also those that end.</param>
public sealed record StaleFlows(
    IpFamily Family, IpAddress? Address, ushort Port, ImmutableHashSet<(IpAddress Address, ushort Port)> Kept)
{
    /// <summary>What the kernel is to be asked for.</summary>
    public ConntrackFilter Filter => new(Family, TransportProtocol.Udp.Number(Family), Address, Port);

    /// <summary>One for each destination from which an endpoint, or which itself, went or came to be.</summary>
    /// <param name="before">At least the plans of the changed keys, where there were any.</param>
    /// <param name="changed">As they are now; null: no more.</param>
    public static IReadOnlyList<StaleFlows> Between(
        IReadOnlyDictionary<ServicePortKey, ServicePortPlan> before,
        IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        var keys = changed.Keys.Where(k => k.Name.Protocol == TransportProtocol.Udp).ToArray();
        if (keys.Length == 0) return [];
        var was = Targets(keys.Select(k => before.GetValueOrDefault(k)));
        var now = Targets(keys.Select(k => changed[k]));
        List<StaleFlows> stale = [];
        foreach (var place in was.Keys.Union(now.Keys))
        {
            var kept = now.GetValueOrDefault(place, []);
            if (was.TryGetValue(place, out var old) && now.ContainsKey(place)
                && old.IsSubsetOf(kept) && !(old.IsEmpty && !kept.IsEmpty)) continue;
            stale.Add(new(place.Family, place.Address, place.Port, kept));
        }
        return stale;
    }

    /// <summary>Whether a flow is one of these.</summary>
    public bool Holds(ConntrackFlow flow)
    {
        var (there, back) = (flow.Original, flow.Reply);
        if (!Filter.Holds(flow)) return false;
        var to = (back.Source, back.SourcePort);
        if (Kept.Contains(to)) return false;
        // Somebody else's flow to the same port of a machine outside: its translation of the source is not ours.
        return Address is not null || to != (there.Destination, there.DestinationPort) || back == there.Inverse;
    }

    private static Dictionary<Destination, ImmutableHashSet<(IpAddress, ushort)>> Targets(
        IEnumerable<ServicePortPlan?> plans)
    {
        Dictionary<Destination, ImmutableHashSet<(IpAddress, ushort)>> targets = [];
        foreach (var plan in plans.OfType<ServicePortPlan>())
        {
            ImmutableHashSet<(IpAddress, ushort)> endpoints =
                [.. plan.FlowEndpoints.Select(e => (e.Address, e.Port))];
            foreach (var destination in Claims.Of(plan)) targets[destination] = endpoints;
        }
        return targets;
    }
}
