using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>Scopes of addresses and routes, by their rtnetlink numbers.</summary>
public enum Scope : byte
{
    Global = 0,
    Site = 200,
    Link = 253,
    Host = 254,
    Nowhere = 255,
}

/// <summary>An address on a device.</summary>
public sealed record LinkAddress : Entry
{
    public required string Device { get; init; }

    public required InterfaceAddress Address { get; init; }

    public Scope Scope { get; init; }

    /// <summary>IPv6 only: usable, not waiting for duplicate address detection and not failed by
    /// it.</summary>
    public bool Usable { get; init; } = true;

    public override EntryKey Key =>
        new(EntryKind.LinkAddress, Device, Address.Address.Host, (ulong)Address.Length);

    public override bool Fulfils(Entry planned) => planned is LinkAddress p && Scope == p.Scope;

    public override string ToString() => DataplaneText.Print(this);
}
