using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>Neighbour states, by their NUD_ numbers.</summary>
[Flags]
public enum NeighbourState : ushort
{
    None = 0,
    Incomplete = 0x01,
    Reachable = 0x02,
    Stale = 0x04,
    Delay = 0x08,
    Probe = 0x10,
    Failed = 0x20,
    NoArp = 0x40,
    Permanent = 0x80,
}

/// <summary>An entry of the ARP or NDP table: which MAC an address has on a device.</summary>
public sealed record Neighbour : Entry
{
    public required string Device { get; init; }

    public required IpAddress Address { get; init; }

    public MacAddress? Mac { get; init; }

    public NeighbourState State { get; init; } = NeighbourState.Permanent;

    /// <summary>A proxy entry: the device answers for this address.</summary>
    public bool Proxy { get; init; }

    public byte Protocol { get; init; }

    public override EntryKey Key => new(EntryKind.Neighbour, Device, Address.Host, Proxy ? 1UL : 0);

    public override bool Fulfils(Entry planned) =>
        planned is Neighbour p && Mac == p.Mac && (p.Proxy || State == p.State);

    public override string ToString() => DataplaneText.Print(this);
}

/// <summary>A forwarding entry of a bridge port or a VXLAN device: where frames for a MAC go.</summary>
public sealed record FdbEntry : Entry
{
    public required string Device { get; init; }

    /// <summary>All zeros is the VXLAN default: where frames for unknown addresses go.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>VXLAN: the underlay address of the remote end.</summary>
    public IpAddress? Destination { get; init; }

    public ushort? Vlan { get; init; }

    public NeighbourState State { get; init; } = NeighbourState.Permanent;

    /// <summary>NTF_SELF: held by the device itself rather than by its bridge.</summary>
    public bool Self { get; init; } = true;

    /// <summary>The bridge that holds it, where it is not the device's own.</summary>
    public string? Master { get; init; }

    public override EntryKey Key => new(
        EntryKind.Fdb,
        Device,
        Mac.IsZero && Destination is { } d ? d.Host : default,
        Mac.Value | (ulong)(Vlan ?? 0) << 48 | (Self ? 1UL << 62 : 0));

    public override bool Fulfils(Entry planned) =>
        planned is FdbEntry p && Destination == p.Destination && (State & p.State) == p.State;

    public override string ToString() => DataplaneText.Print(this);
}
