using System.Buffers.Binary;
using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// What all messages of nfnetlink share (linux/netfilter/nfnetlink.h): the subsystem in the upper byte of the
/// type, and a body of family, version and resource. Numbers in attributes are in network byte order.
/// </summary>
public static class NetfilterCodec
{
    public const int BodyBytes = 4;

    /// <summary>The family of tables for IPv4 and IPv6 (NFPROTO_INET).</summary>
    internal const byte Inet = 1;

    private const int BatchBegin = 0x10;
    private const int BatchEnd = 0x11;
    private const int Nftables = 10;

    private static readonly (byte Number, string Word)[] Families =
        [(Inet, "inet"), (2, "ip"), (3, "arp"), (5, "netdev"), (7, "bridge"), (10, "ip6")];

    /// <summary>Starts a message of nftables; complete it with <see cref="NetlinkWriter.End"/>.</summary>
    internal static void Begin(NetlinkWriter writer, int message, IpFamily family, NetlinkFlags flags) =>
        Begin(writer, Nftables, message, family, flags);

    /// <summary>Starts a message of any subsystem.</summary>
    internal static void Begin(
        NetlinkWriter writer, int subsystem, int message, IpFamily family, NetlinkFlags flags) =>
        Begin(writer, subsystem, message, Family.Of(family), flags);

    /// <summary>As the others; for families that are not of addresses (NFPROTO_*).</summary>
    internal static void Begin(NetlinkWriter writer, int message, byte family, NetlinkFlags flags) =>
        Begin(writer, Nftables, message, family, flags);

    private static void Begin(NetlinkWriter writer, int subsystem, int message, byte family, NetlinkFlags flags)
    {
        writer.Begin((NetlinkType)(subsystem << 8 | message), flags);
        writer.Reserve(BodyBytes)[0] = family;
    }

    /// <summary>The number of an nftables family (NFPROTO_*) that nft says by this word; null for another word.</summary>
    internal static byte? FamilyNumber(string word)
    {
        foreach (var (number, name) in Families)
            if (name == word) return number;
        return null;
    }

    /// <summary>As nft says it; a family that is not known here by its number, which nft refuses by name.</summary>
    internal static string FamilyWord(byte family)
    {
        foreach (var (number, name) in Families)
            if (number == family) return name;
        return family.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Opens a transaction: what follows up to <see cref="WriteEnd"/> is done as one, or not at
    /// all.</summary>
    public static void WriteBegin(NetlinkWriter writer) => WriteMark(writer, BatchBegin);

    public static void WriteEnd(NetlinkWriter writer) => WriteMark(writer, BatchEnd);

    /// <summary>A whole transaction.</summary>
    public static NetlinkWriter Transaction(Action<NetlinkWriter> write)
    {
        NetlinkWriter writer = new(4096);
        WriteBegin(writer);
        write(writer);
        WriteEnd(writer);
        return writer;
    }

    /// <summary>The message's number within nftables; null for other subsystems.</summary>
    internal static int? Message(NetlinkType type) => (int)type >> 8 == Nftables ? (int)type & 0xff : null;

    private static void WriteMark(NetlinkWriter writer, int type)
    {
        writer.Begin((NetlinkType)type, NetlinkFlags.None);
        BinaryPrimitives.WriteUInt16BigEndian(writer.Reserve(BodyBytes)[2..], Nftables);
        writer.End();
    }
}
