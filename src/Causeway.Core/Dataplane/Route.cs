using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>What a route does with a packet, by its rtnetlink number.</summary>
public enum RouteKind : byte
{
    Unicast = 1,
    Local = 2,
    Broadcast = 3,
    Anycast = 4,
    Multicast = 5,
    Blackhole = 6,
    Unreachable = 7,
    Prohibit = 8,
    Throw = 9,
    Nat = 10,
}

/// <summary>One way out of a multipath route.</summary>
/// <param name="Weight">At least 1.</param>
public sealed record NextHop(string? Device, IpAddress? Via, bool Onlink, int Weight, bool Down = false);

/// <summary>A route in one table of one namespace.</summary>
public sealed record Route : Entry
{
    public const uint MainTable = 254;
    public const uint LocalTable = 255;

    /// <summary>IP6_RT_PRIO_USER: what the kernel gives an IPv6 route that asks for no metric.</summary>
    public const uint DefaultMetricV6 = 1024;

    public required Prefix Destination { get; init; }

    public RouteKind Kind { get; init; } = RouteKind.Unicast;

    /// <summary>The next hop; null when the destination is on the device's own link. May be of the other
    /// family.</summary>
    public IpAddress? Via { get; init; }

    /// <summary>Output device by name; null for blackhole and its kin, and for multipath.</summary>
    public string? Device { get; init; }

    /// <summary>The source address the kernel prefers for its own packets on this route.</summary>
    public IpAddress? PreferredSource { get; init; }

    /// <summary>Lower wins among routes to one destination.</summary>
    public uint Metric { get; init; }

    /// <summary>What the kernel makes of <see cref="Metric"/>: 0 stays 0 in IPv4 and becomes 1024 in
    /// IPv6.</summary>
    public uint EffectiveMetric =>
        Metric == 0 && Destination.Family == IpFamily.V6 && Table != LocalTable ? DefaultMetricV6 : Metric;

    public uint Table { get; init; } = MainTable;

    /// <summary>Who wrote it, by rtnetlink protocol number; see
    /// <see cref="Ownership.RouteProtocol"/>.</summary>
    public byte Protocol { get; init; }

    public Scope Scope { get; init; }

    /// <summary>The next hop counts as reachable on the link though no address there says so.</summary>
    public bool Onlink { get; init; }

    public int? Mtu { get; init; }

    /// <summary>RTNH_F_DEAD or RTNH_F_LINKDOWN: the kernel may pass over it. Observed only; the route is
    /// still the planned one, and writing it again would not bring the link up.</summary>
    public bool Down { get; init; }

    /// <summary>More than one way out; empty for ordinary routes. Compared by content.</summary>
    public ImmutableArray<NextHop> NextHops { get; init; } = [];

    /// <summary>What this model does not read (a source prefix, TOS, a light-weight tunnel), in words; null
    /// when there is nothing. Such a route cannot be judged.</summary>
    public string? Unknown { get; init; }

    /// <summary>
    /// IPv4 has one route per destination, table and metric. IPv6 may have one per next hop (each device has
    /// its fe80::/64), so there the next hop of foreign routes counts; ours are written one per destination.
    /// </summary>
    public override EntryKey Key => new(
        EntryKind.Route,
        Unknown ?? (Destination.Family == IpFamily.V6 && Protocol != Ownership.RouteProtocol
            ? $"{Device} {Via}"
            : ""),
        Destination, (ulong)Table << 32 | EffectiveMetric);

    public override bool Fulfils(Entry planned) => planned is Route p
        && Kind == p.Kind && Unknown == p.Unknown && Via == p.Via && Device == p.Device && Onlink == p.Onlink
        && Protocol == p.Protocol
        && (p.PreferredSource is null || PreferredSource == p.PreferredSource)
        && (p.Mtu is null || Mtu == p.Mtu)
        && NextHops.AsSpan().SequenceEqual(p.NextHops.AsSpan());

    public bool Equals(Route? other) => other is not null && Key == other.Key && Origin == other.Origin
        && Fulfils(other) && other.Fulfils(this) && Scope == other.Scope && Down == other.Down;

    public override int GetHashCode() => HashCode.Combine(Key, Kind, Via, Device);

    public override string ToString() => DataplaneText.Print(this);
}
