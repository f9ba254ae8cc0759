using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>Where a packet is within a host's stack: what rules ask for besides the packet itself.</summary>
/// <param name="Hook"><c>prerouting</c>, <c>input</c>, <c>forward</c>, <c>output</c> or <c>postrouting</c>.</param>
/// <param name="NextHop">Known behind the routing decision.</param>
internal sealed record HookContext(Trail Trail, string Hook, string? Input, string? Output, IpAddress? NextHop)
{
    public Host Host => Trail.Host;

    /// <summary>The leg that comes back.</summary>
    public bool IsReply => !Trail.Answers.IsEmpty;

    /// <summary>In nft's words.</summary>
    public string StateOf(RuleState state) => state.Track switch
    {
        { Untracked: true } => "untracked",
        { Started: false } => "invalid",
        { Answered: not null } => "established",
        _ when IsReply && state.Packet is { Inner: null, Protocol: not TransportProtocol.Udp } => "invalid",
        _ => "new",
    };

    /// <summary>Whether the connection's destination, or its source, is or was rewritten.</summary>
    public static bool IsTranslated(RuleState state, bool destination)
    {
        var (before, after) = state.Track.Answered is { } known
            ? (known.Original, known.Translated)
            : (state.Track.Original, state.Packet);
        return state.Track.Started && (destination
            ? (before.Destination, before.DestinationPort) != (after.Destination, after.DestinationPort)
            : (before.Source, before.SourcePort) != (after.Source, after.SourcePort));
    }

    /// <summary>Whose an address is, by the local table, as inet_dev_addr_type says it: <c>local</c>, <c>unicast</c>.</summary>
    /// <param name="device">Only addresses of this device count as local; null for any.</param>
    public string AddressType(IpAddress address, string? device)
    {
        if (address.IsMulticast) return "multicast";
        if (address.Family == IpFamily.V4 && address.Value == uint.MaxValue) return "broadcast";
        var route = RouteLookup.InTable(Host.State, Route.LocalTable, new(address, null, Flow.Local));
        if (route is null || (device is not null && route.Device != device)) return "unicast";
        return route.Kind.ToString().ToLowerInvariant();
    }

    /// <summary>The device by which the way back to an address leads; null without a way.</summary>
    public string? DeviceTowards(IpAddress address, uint mark) =>
        RouteLookup.Find(Host.State, new(address, null, Flow.Local, null, mark)).Route is { } route
            ? route.Kind switch
            {
                RouteKind.Unicast => RouteLookup.WaysOut(route)[0].Device,
                RouteKind.Local => route.Device ?? Flow.Local,
                _ => null,
            }
            : null;

    /// <summary>The source that masquerading gives.</summary>
    public IpAddress? MasqueradeSource(Packet packet) => Output is null ? null : SourceAddress.Choose(
        Host, new Route { Destination = Prefix.Default(packet.Family) }, Output, NextHop ?? packet.Destination);
}
