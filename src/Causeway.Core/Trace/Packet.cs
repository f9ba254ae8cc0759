using Causeway.Core.Addressing;

namespace Causeway.Core.Trace;

/// <summary>
/// A packet on its way: what rules, routes and tables look at. Ports are 0 for ICMP.
/// </summary>
public sealed record Packet(IpAddress Source, IpAddress Destination, TransportProtocol Protocol)
{
    /// <summary>What Linux gives its own packets (<c>net.ipv4.ip_default_ttl</c>).</summary>
    public const int DefaultTtl = 64;

    public ushort SourcePort { get; init; }

    public ushort DestinationPort { get; init; }

    /// <summary>The firewall mark, local to the host the packet is on.</summary>
    public uint Mark { get; init; }

    /// <summary>Time to live, or hop limit.</summary>
    public int Ttl { get; init; } = DefaultTtl;

    /// <summary>The frame inside, for a VXLAN packet.</summary>
    public EncapsulatedFrame? Inner { get; init; }

    public IpFamily Family => Destination.Family;

    /// <summary>The packet that answers this one, before any address translation is undone.</summary>
    public Packet Answer() => new(Destination, Source, Protocol)
    {
        SourcePort = DestinationPort,
        DestinationPort = SourcePort,
    };

    public override string ToString() => Protocol == TransportProtocol.Icmp
        ? $"icmp {Source} > {Destination}"
        : $"{Protocol.Word} {Source}:{SourcePort} > {Destination}:{DestinationPort}";
}

/// <summary>What a VXLAN packet carries (RFC 7348 section 5).</summary>
/// <param name="DestinationMac">Null where a plan leaves it to the kernel.</param>
public sealed record EncapsulatedFrame(uint Vni, MacAddress? DestinationMac, Packet Packet)
{
    /// <summary>Bytes that encapsulation adds to the inner IP packet: outer IP, UDP, VXLAN and Ethernet headers.</summary>
    public static int Overhead(IpFamily outer) => (outer == IpFamily.V4 ? 20 : 40) + 8 + 8 + 14;
}
