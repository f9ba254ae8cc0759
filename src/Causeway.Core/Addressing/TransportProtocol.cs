namespace Causeway.Core.Addressing;

/// <summary>What a packet carries above IP. ICMP stands for ICMPv6 on IPv6.</summary>
public enum TransportProtocol : byte
{
    Icmp,
    Tcp,
    Udp,
    Sctp,
}

public static class TransportProtocols
{
    extension(TransportProtocol protocol)
    {
        /// <summary>As the kernel's tools and <c>/etc/protocols</c> write it: <c>tcp</c>.</summary>
        public string Word => protocol switch
        {
            TransportProtocol.Tcp => "tcp",
            TransportProtocol.Udp => "udp",
            TransportProtocol.Sctp => "sctp",
            _ => "icmp",
        };

        /// <summary>The number in the IP header (IANA protocol numbers).</summary>
        public byte Number(IpFamily family) => protocol switch
        {
            TransportProtocol.Tcp => 6,
            TransportProtocol.Udp => 17,
            TransportProtocol.Sctp => 132,
            _ => family == IpFamily.V4 ? (byte)1 : (byte)58,
        };

        public bool HasPorts => protocol != TransportProtocol.Icmp;
    }
}
