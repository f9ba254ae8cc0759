using System.Runtime.InteropServices;

namespace Causeway.Core.Wire.Netlink;

/// <summary>A queueing discipline or a packet filter of traffic control.</summary>
/// <param name="Kind"><c>clsact</c>, <c>ingress</c>, <c>tbf</c>; of a filter <c>bpf</c>, <c>u32</c>, <c>flower</c>, ...</param>
public sealed record TrafficControl(int DeviceIndex, string Kind);

/// <summary>Traffic control, as far as to see that something filters: struct tcmsg and TCA_KIND
/// (linux/rtnetlink.h, linux/pkt_sched.h).</summary>
public static class TrafficControlCodec
{
    /// <summary>The two points at which packets pass filters before and after routing.</summary>
    public const uint Ingress = 0xFFFF_FFF2;
    public const uint Egress = 0xFFFF_FFF3;

    private const int BodyBytes = 20;
    private const int Kind = 1;

    public static void WriteQueueDump(NetlinkWriter writer)
    {
        writer.Begin(NetlinkType.GetQueue, NetlinkFlags.Dump);
        writer.Reserve(BodyBytes);
        writer.End();
    }

    /// <summary>The filters of one device at one of the two points.</summary>
    public static void WriteFilterDump(NetlinkWriter writer, int device, uint point)
    {
        writer.Begin(NetlinkType.GetFilter, NetlinkFlags.Dump);
        var body = writer.Reserve(BodyBytes);
        MemoryMarshal.Write(body[4..], in device);
        MemoryMarshal.Write(body[12..], in point);
        writer.End();
    }

    public static TrafficControl Read(ReadOnlySpan<byte> payload)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, BodyBytes))
            if (attribute.Type == Kind) return new(MemoryMarshal.Read<int>(payload[4..]), attribute.Text);
        throw new NetlinkFormatException("traffic control without a kind");
    }
}
