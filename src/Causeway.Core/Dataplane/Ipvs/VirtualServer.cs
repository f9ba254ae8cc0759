using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Ipvs;

/// <summary>A virtual server of IPVS: an address and port, or a firewall mark, spread over real servers.</summary>
public sealed record VirtualServer : Entry
{
    /// <summary>Unspecified for a firewall mark.</summary>
    public IpAddress Address { get; init; }

    public TransportProtocol Protocol { get; init; }

    public ushort Port { get; init; }

    /// <summary>0 where an address decides.</summary>
    public uint Mark { get; init; }

    /// <summary><c>rr</c>, <c>wrr</c>, <c>lc</c>, <c>sh</c>, ...</summary>
    public required string Scheduler { get; init; }

    /// <summary>For how many seconds a client stays with its server; null without persistence.</summary>
    public int? Persistence { get; init; }

    public ImmutableArray<RealServer> Servers { get; init; } = [];

    public override EntryKey Key => new(EntryKind.VirtualServer, Mark > 0 ? $"mark {Mark}" : $"{Protocol.Word} {Address}:{Port}");

    public override bool Fulfils(Entry planned) => planned is VirtualServer p && Key == p.Key
        && Scheduler == p.Scheduler && Persistence == p.Persistence
        && Servers.Order().SequenceEqual(p.Servers.Order());

    public bool Equals(VirtualServer? other) => other is not null && Origin == other.Origin && Fulfils(other);

    public override int GetHashCode() => Key.GetHashCode();

    public override string ToString() => $"ipvs {Key.Name} {Scheduler}"
        + (Persistence is { } seconds ? $" persistent {seconds}" : "");
}

/// <summary>One of its servers.</summary>
/// <param name="Method"><c>Masq</c>, <c>Route</c>, <c>Tunnel</c> or <c>Local</c>.</param>
/// <param name="Weight">0 takes no new connections.</param>
public sealed record RealServer(IpAddress Address, ushort Port, string Method, int Weight) : IComparable<RealServer>
{
    public int CompareTo(RealServer? other) =>
        other is null ? 1 : (Address, Port).CompareTo((other.Address, other.Port));

    public override string ToString() => $"-> {Address}:{Port} {Method} {Weight}";
}
