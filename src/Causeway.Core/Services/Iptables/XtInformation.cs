using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Iptables;

/// <summary>The structures of xtables' matches and targets (linux/netfilter/xt_*.h), in the machine's byte order where
/// they are not of the wire, each padded to 8 bytes.</summary>
internal static class XtInformation
{
    private const int CommentBytes = 256;
    private const int NameBytes = 200;

    /// <summary>struct xt_comment_info; null where the text is too long.</summary>
    public static byte[]? Comment(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) >= CommentBytes) return null;
        var bytes = new byte[CommentBytes];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>struct xt_tcp, struct xt_udp: any port.</summary>
    public static byte[] AnyPort()
    {
        var bytes = new byte[16];
        foreach (var last in (int[])[2, 6]) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(last), ushort.MaxValue);
        return bytes;
    }

    /// <summary>struct xt_sctp_info: one destination port, or any; of any kind of chunk.</summary>
    public static byte[] Sctp(ushort? port)
    {
        const uint destination = 2;
        var bytes = new byte[296];
        for (var kind = 0; kind < 4; kind++) bytes[268 + 3 * kind] = byte.MaxValue;
        if (port is not { } number) return bytes;
        foreach (var at in (int[])[0, 2]) MemoryMarshal.Write(bytes.AsSpan(at), in number);
        MemoryMarshal.Write(bytes.AsSpan(284), destination);
        return bytes;
    }

    /// <summary>struct xt_addrtype_info_v1: an address of this machine.</summary>
    public static byte[] LocalAddress(bool source)
    {
        const ushort local = 1 << 2;
        var bytes = new byte[8];
        MemoryMarshal.Write(bytes.AsSpan(source ? 0 : 2), local);
        return bytes;
    }

    /// <summary>A probability as the kernel counts it: in parts of 2^31.</summary>
    public static uint Parts(double probability) => (uint)Math.Round(probability * 0x80000000);

    /// <summary>struct xt_statistic_info: a share of all packets, by chance.</summary>
    public static byte[] Statistic(double probability)
    {
        var bytes = new byte[24];
        var parts = Parts(probability);
        MemoryMarshal.Write(bytes.AsSpan(4), in parts);
        return bytes;
    }

    /// <summary>struct xt_recent_mtinfo_v1, by the source's whole address.</summary>
    /// <param name="seconds">0: it is remembered; else it goes on only where it was remembered so lately.</param>
    public static byte[]? Recent(string name, uint seconds, IpFamily family)
    {
        const byte check = 1, set = 2, reap = 32;
        if (name.Length >= NameBytes) return null;
        var bytes = new byte[232];
        MemoryMarshal.Write(bytes, in seconds);
        bytes[8] = seconds == 0 ? set : (byte)(check | reap);
        Encoding.ASCII.GetBytes(name, bytes.AsSpan(10));
        bytes.AsSpan(212, family.Bytes).Fill(byte.MaxValue);
        return bytes;
    }

    /// <summary>struct nf_nat_range2: to one address and port.</summary>
    public static byte[] Destination(IpAddress address, ushort port)
    {
        const uint addresses = 1, ports = 2;
        var bytes = new byte[48];
        MemoryMarshal.Write(bytes, addresses | ports);
        foreach (var at in (int[])[4, 20]) address.WriteBytes(bytes.AsSpan(at, address.Family.Bytes));
        foreach (var at in (int[])[36, 38]) BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), port);
        return bytes;
    }
}
