namespace Causeway.Core.Wire.Dns;

/// <summary>What an OPT record says (RFC 6891), but for the upper bits of the outcome.</summary>
/// <param name="UdpSize">The largest datagram that its sender takes, in bytes; below 512 means 512.</param>
/// <param name="DnssecOk">DO (RFC 3225).</param>
/// <param name="Options">The options in wire form.</param>
public readonly record struct Edns(ushort UdpSize, byte Version = 0, bool DnssecOk = false, DnsData Options = default)
{
    /// <summary>Fits any path without fragments (the DNS flag day of 2020).</summary>
    public const ushort RecommendedUdpSize = 1232;

    public const int SmallestUdpSize = 512;

    /// <summary>An OPT record without options.</summary>
    public const int FixedBytes = 11;

    internal int Bytes => FixedBytes + Options.Bytes.Length;

    internal static Edns Of(DnsRecord opt) =>
        new((ushort)opt.Class, (byte)(opt.Ttl >> 16), (opt.Ttl & 0x8000) != 0, opt.Data);

    internal DnsRecord Record(DnsRcode rcode) => new(
        DnsName.Root, DnsType.OPT, (DnsClass)UdpSize,
        (uint)((ushort)rcode >> 4) << 24 | (uint)Version << 16 | (DnssecOk ? 0x8000u : 0), Options);
}
