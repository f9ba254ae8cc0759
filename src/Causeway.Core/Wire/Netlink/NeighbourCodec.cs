using System.Runtime.InteropServices;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// Neighbours, proxy neighbours and forwarding entries of bridges and VXLAN devices: struct ndmsg and NDA_*
/// (linux/neighbour.h). The three share one message type and differ by family and flags.
/// </summary>
public static class NeighbourCodec
{
    internal const int BodyBytes = 12;

    private const byte FlagSelf = 0x02;
    private const byte FlagMaster = 0x04;
    private const byte FlagProxy = 0x08;

    private const int Destination = 1;
    private const int LinkLayer = 2;
    private const int Vlan = 5;
    private const int MasterAttribute = 9;
    private const int Protocol = 12;

    public static void WriteDump(NetlinkWriter writer, bool proxies = false)
    {
        writer.Begin(NetlinkType.GetNeighbour, NetlinkFlags.Dump);
        writer.Reserve(BodyBytes)[10] = proxies ? FlagProxy : (byte)0;
        writer.End();
    }

    public static void WriteFdbDump(NetlinkWriter writer)
    {
        writer.Begin(NetlinkType.GetNeighbour, NetlinkFlags.Dump);
        writer.Reserve(BodyBytes)[0] = Family.Bridge;
        writer.End();
    }

    public static void WriteSet(NetlinkWriter writer, Neighbour neighbour, DeviceNames names)
    {
        writer.Begin(NetlinkType.NewNeighbour, NetlinkFlags.Create | NetlinkFlags.Replace | NetlinkFlags.Ack);
        Write(writer, neighbour, names);
        if (neighbour.Mac is { } mac) writer.Mac(LinkLayer, mac);
        if (neighbour.Protocol != 0) writer.U8(Protocol, neighbour.Protocol);
        writer.End();
    }

    public static void WriteDelete(NetlinkWriter writer, Neighbour neighbour, DeviceNames names)
    {
        writer.Begin(NetlinkType.DeleteNeighbour, NetlinkFlags.Ack);
        Write(writer, neighbour, names);
        writer.End();
    }

    public static void WriteSet(NetlinkWriter writer, FdbEntry entry, DeviceNames names)
    {
        writer.Begin(NetlinkType.NewNeighbour, NetlinkFlags.Create | FdbPlace(entry) | NetlinkFlags.Ack);
        Write(writer, entry, names);
        writer.End();
    }

    public static void WriteDelete(NetlinkWriter writer, FdbEntry entry, DeviceNames names)
    {
        writer.Begin(NetlinkType.DeleteNeighbour, NetlinkFlags.Ack);
        Write(writer, entry, names);
        writer.End();
    }

    /// <summary>Reads RTM_NEWNEIGH or RTM_DELNEIGH: a <see cref="Neighbour"/>, an <see cref="FdbEntry"/>, or
    /// null for another family and for what has no address.</summary>
    public static Entry? Read(ReadOnlySpan<byte> payload, DeviceNames names)
    {
        var attributes = NetlinkAttributes.After(payload, BodyBytes);
        IpAddress? address = null;
        MacAddress? mac = null;
        ushort? vlan = null;
        byte protocol = 0;
        string? master = null;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case Destination when attribute.Value.Length is 4 or 16: address = attribute.Address; break;
                case LinkLayer when attribute.Value.Length == MacAddress.Bytes: mac = attribute.Mac; break;
                case Vlan: vlan = attribute.U16; break;
                case MasterAttribute: master = names.NameOf(attribute.I32); break;
                case Protocol: protocol = attribute.U8; break;
            }
        }
        var device = names.NameOf(MemoryMarshal.Read<int>(payload[4..]));
        var state = (NeighbourState)MemoryMarshal.Read<ushort>(payload[8..]);
        var flags = payload[10];
        if (payload[0] == Family.Bridge)
        {
            if (mac is not { } key) return null;
            return new FdbEntry
            {
                // The bridge tool writes permanent entries of VXLAN devices as NOARP too, and shows them as
                // permanent.
                State = state.HasFlag(NeighbourState.Permanent) ? NeighbourState.Permanent : state,
                Device = device, Mac = key, Destination = address, Vlan = vlan,
                Self = (flags & FlagSelf) != 0, Master = master,
            };
        }
        if (Family.Read(payload[0]) is null || address is not { } destination) return null;
        return new Neighbour
        {
            Device = device, Address = destination, Mac = mac, Protocol = protocol,
            State = (flags & FlagProxy) != 0 ? NeighbourState.Permanent : state,
            Proxy = (flags & FlagProxy) != 0,
        };
    }

    /// <summary>A VXLAN device may have several destinations for the zero MAC, to all of which it copies, so
    /// there an entry is added beside the others; any other MAC has one, which is replaced.</summary>
    private static NetlinkFlags FdbPlace(FdbEntry entry) =>
        entry.Mac.IsZero ? NetlinkFlags.Append : NetlinkFlags.Replace;

    private static void Write(NetlinkWriter writer, Neighbour neighbour, DeviceNames names)
    {
        var body = Body(writer, Family.Of(neighbour.Address.Family), names.IndexOf(neighbour.Device));
        var state = (ushort)neighbour.State;
        MemoryMarshal.Write(body[8..], in state);
        body[10] = neighbour.Proxy ? FlagProxy : (byte)0;
        writer.Address(Destination, neighbour.Address);
    }

    private static void Write(NetlinkWriter writer, FdbEntry entry, DeviceNames names)
    {
        var body = Body(writer, Family.Bridge, names.IndexOf(entry.Device));
        var state = (ushort)entry.State;
        MemoryMarshal.Write(body[8..], in state);
        body[10] = entry.Self ? FlagSelf : FlagMaster;
        writer.Mac(LinkLayer, entry.Mac);
        if (entry.Destination is { } destination) writer.Address(Destination, destination);
        if (entry.Vlan is { } vlan) writer.U16(Vlan, vlan);
    }

    private static Span<byte> Body(NetlinkWriter writer, byte family, int index)
    {
        var body = writer.Reserve(BodyBytes);
        body[0] = family;
        MemoryMarshal.Write(body[4..], in index);
        return body;
    }
}
