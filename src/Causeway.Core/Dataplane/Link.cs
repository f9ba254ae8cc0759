using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>A network device. Planned links leave <see cref="Index"/> at 0 and what they do not care about
/// null.</summary>
public sealed record Link : Entry
{
    public required string Name { get; init; }

    /// <summary>The kernel's number, unique in its namespace; 0 when planned.</summary>
    public int Index { get; init; }

    /// <summary>The rtnetlink kind: <c>veth</c>, <c>vxlan</c>, <c>bridge</c>, ...; <c>""</c> for physical and
    /// loopback.</summary>
    public string Kind { get; init; } = "";

    public MacAddress? Mac { get; init; }

    public int? Mtu { get; init; }

    /// <summary>Administratively up (IFF_UP).</summary>
    public bool Up { get; init; } = true;

    /// <summary>Has a carrier (IFF_LOWER_UP); null when planned.</summary>
    public bool? Carrier { get; init; }

    /// <summary>The device it is enslaved to, by name.</summary>
    public string? Master { get; init; }

    /// <summary>IFLA_LINK: the index of the other end of a veth or of the lower device.</summary>
    public int? PeerIndex { get; init; }

    /// <summary>IFLA_LINK_NETNSID: the namespace of <see cref="PeerIndex"/> where it is another
    /// one.</summary>
    public int? PeerNamespaceId { get; init; }

    public VxlanSettings? Vxlan { get; init; }

    /// <summary>A free text on the device (<c>ip link set alias</c>).</summary>
    public string? Alias { get; init; }

    /// <summary>An XDP program is attached: what it does to packets is not known. Observed only.</summary>
    public bool Xdp { get; init; }

    public override EntryKey Key => new(EntryKind.Link, Name);

    public override bool Fulfils(Entry planned) => planned is Link p
        && Kind == p.Kind && Up == p.Up
        && (p.Mac is null || Mac == p.Mac)
        && (p.Mtu is null || Mtu == p.Mtu)
        && (p.Master is null || Master == p.Master)
        && (p.Alias is null || Alias == p.Alias)
        && (p.Vxlan is null || (Vxlan?.Fulfils(p.Vxlan) ?? false));

    public override string ToString() => DataplaneText.Print(this);
}

/// <summary>The settings of a VXLAN device (RFC 7348).</summary>
/// <param name="Vni">VXLAN network identifier, 24 bits.</param>
/// <param name="Local">The outer source address; null lets the kernel choose.</param>
/// <param name="Device">The underlay device by name; null leaves it to routing.</param>
/// <param name="Port">The outer UDP destination port.</param>
/// <param name="Learning">Whether the device learns MAC addresses from what it receives.</param>
public sealed record VxlanSettings(
    uint Vni, IpAddress? Local = null, string? Device = null, ushort Port = VxlanSettings.DefaultPort,
    bool Learning = false)
{
    /// <summary>The port that IANA assigned to VXLAN.</summary>
    public const ushort DefaultPort = 4789;

    public bool Fulfils(VxlanSettings planned) => Vni == planned.Vni && Port == planned.Port
        && Learning == planned.Learning
        && (planned.Local is null || Local == planned.Local)
        && (planned.Device is null || Device == planned.Device);
}
