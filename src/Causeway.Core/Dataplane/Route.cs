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

    public required Prefix Destination { get; init; }

    public RouteKind Kind { get; init; } = RouteKind.Unicast;

    /// <summary>The next hop; null when the destination is on the device's own link. May be of the other family.</summary>
    public IpAddress? Via { get; init; }

    /// <summary>Output device by name; null for blackhole and its kin, and for multipath.</summary>
    public string? Device { get; init; }

    /// <summary>The source address the kernel prefers for its own packets on this route.</summary>
    public IpAddress? PreferredSource { get; init; }

    /// <summary>Lower wins among routes to one destination.</summary>
    public uint Metric { get; init; }

    public uint Table { get; init; } = MainTable;

    /// <summary>Who wrote it, by rtnetlink protocol number; see <see cref="Ownership.RouteProtocol"/>.</summary>
    public byte Protocol { get; init; }

    public Scope Scope { get; init; }

    /// <summary>The next hop counts as reachable on the link though no address there says so.</summary>
    public bool Onlink { get; init; }

    public int? Mtu { get; init; }

    /// <summary>RTNH_F_DEAD or RTNH_F_LINKDOWN: the kernel passes over it. Observed only.</summary>
    public bool Down { get; init; }

    /// <summary>More than one way out; empty for ordinary routes. Compared by content.</summary>
    public ImmutableArray<NextHop> NextHops { get; init; } = [];

    public override EntryKey Key => new(EntryKind.Route, "", Destination, (ulong)Table << 32 | Metric);

    public override bool Fulfils(Entry planned) => planned is Route p
        && Kind == p.Kind && Via == p.Via && Device == p.Device && Onlink == p.Onlink && Protocol == p.Protocol
        && !Down
        && (p.PreferredSource is null || PreferredSource == p.PreferredSource)
        && (p.Mtu is null || Mtu == p.Mtu)
        && NextHops.AsSpan().SequenceEqual(p.NextHops.AsSpan());

    public bool Equals(Route? other) => other is not null && Key == other.Key && Origin == other.Origin
        && Fulfils(other) && other.Fulfils(this) && Scope == other.Scope;

    public override int GetHashCode() => HashCode.Combine(Key, Kind, Via, Device);

    public override string ToString() => DataplaneText.Print(this);
}
