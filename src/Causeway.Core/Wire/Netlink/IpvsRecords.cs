using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>Which virtual server of IPVS: those of addresses, not of firewall marks.</summary>
public readonly record struct IpvsKey(TransportProtocol Protocol, IpAddress Address, ushort Port)
    : IComparable<IpvsKey>
{
    public int CompareTo(IpvsKey other) =>
        (Address, Port, Protocol).CompareTo((other.Address, other.Port, other.Protocol));

    public static bool operator <(IpvsKey left, IpvsKey right) => left.CompareTo(right) < 0;

    public static bool operator >(IpvsKey left, IpvsKey right) => left.CompareTo(right) > 0;

    /// <summary><c>tcp 10.96.0.1:80</c>, <c>udp [fd00::1]:53</c>.</summary>
    public override string ToString() => $"{Protocol.Word} {IpvsEnd.Print(Address, Port)}";
}

/// <summary>IP_VS_SVC_F_*. The last two mean what the scheduler makes of them.</summary>
[Flags]
public enum IpvsFlags : uint
{
    None = 0,

    /// <summary>A client keeps its server.</summary>
    Persistent = 0x01,

    /// <summary>The kernel's own: in its table.</summary>
    Hashed = 0x02,
    OnePacket = 0x04,

    /// <summary>sh and mh: another server where the chosen one takes no connections.</summary>
    Fallback = 0x08,

    /// <summary>sh and mh: the source port counts too.</summary>
    SourcePort = 0x10,
}

/// <summary>How a virtual server spreads its connections.</summary>
/// <param name="Scheduler"><c>rr</c>, <c>wlc</c>, ...; the kernel loads its module.</param>
/// <param name="Timeout">For how many seconds a client keeps its server, with
/// <see cref="IpvsFlags.Persistent"/>; else 0.</param>
public readonly record struct IpvsOptions(string Scheduler, IpvsFlags Flags = IpvsFlags.None, uint Timeout = 0)
{
    public override string ToString() => Flags.HasFlag(IpvsFlags.Persistent)
        ? $"{Scheduler} persistent {Timeout}" : Scheduler;
}

/// <summary>What passed, since the last zeroing.</summary>
public readonly record struct IpvsStatistics(
    ulong Connections, ulong PacketsIn, ulong PacketsOut, ulong BytesIn, ulong BytesOut);

/// <summary>A virtual server as the kernel has it.</summary>
public sealed record IpvsService(IpvsKey Key, IpvsOptions Options)
{
    public IpvsStatistics Statistics { get; init; }
}

/// <summary>A real server (in the kernel's words a destination), reached by NAT.</summary>
/// <param name="Weight">0: no new connections.</param>
public sealed record IpvsServer(IpAddress Address, ushort Port, int Weight)
{
    /// <summary>IP_VS_CONN_F_*: 0 NAT, 1 local, 2 tunnel, 3 direct routing.</summary>
    public uint Method { get; init; }

    public uint ActiveConnections { get; init; }

    public uint InactiveConnections { get; init; }

    public uint PersistentConnections { get; init; }

    public IpvsStatistics Statistics { get; init; }
}

/// <summary>For how many seconds IPVS remembers a connection; 0 in a change leaves what is.</summary>
public readonly record struct IpvsTimeouts(uint Tcp, uint TcpFin, uint Udp);

internal static class IpvsEnd
{
    public static string Print(IpAddress address, ushort port) =>
        address.Family == IpFamily.V4 ? $"{address}:{port}" : $"[{address}]:{port}";
}
