using System.Buffers.Binary;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// What all messages of nfnetlink share (linux/netfilter/nfnetlink.h): the subsystem in the upper byte of the
/// type, and a body of family, version and resource. Numbers in attributes are in network byte order.
/// </summary>
public static class NetfilterCodec
{
    public const int BodyBytes = 4;

    private const int BatchBegin = 0x10;
    private const int BatchEnd = 0x11;
    private const int Nftables = 10;

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

    /// <summary>Opens a transaction: what follows up to <see cref="WriteEnd"/> is done as one, or not at
    /// all.</summary>
    public static void WriteBegin(NetlinkWriter writer) => WriteMark(writer, BatchBegin);

    public static void WriteEnd(NetlinkWriter writer) => WriteMark(writer, BatchEnd);

    /// <summary>The message's number within nftables; null for other subsystems.</summary>
    internal static int? Message(NetlinkType type) => (int)type >> 8 == Nftables ? (int)type & 0xff : null;

    private static void WriteMark(NetlinkWriter writer, int type)
    {
        writer.Begin((NetlinkType)type, NetlinkFlags.None);
        BinaryPrimitives.WriteUInt16BigEndian(writer.Reserve(BodyBytes)[2..], Nftables);
        writer.End();
    }
}
