using System.Runtime.InteropServices;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Wire.Netlink;

/// <summary>Addresses of devices: struct ifaddrmsg and IFA_* (linux/if_addr.h).</summary>
public static class AddressCodec
{
    internal const int BodyBytes = 8;

    private const int Peer = 1; // IFA_ADDRESS: the other end of a point-to-point link, else the address itself
    private const int Local = 2;
    private const int FlagsAttribute = 8;

    private const uint NoDuplicateDetection = 0x02;
    private const uint DetectionFailed = 0x08;
    private const uint Tentative = 0x40;
    private const uint Optimistic = 0x04;

    public static void WriteDump(NetlinkWriter writer)
    {
        writer.Begin(NetlinkType.GetAddress, NetlinkFlags.Dump);
        writer.Reserve(BodyBytes);
        writer.End();
    }

    /// <summary>Adds an address, or replaces its lifetimes. An IPv6 address is usable at once: whoever allots
    /// it knows that nobody else has it, and duplicate detection would hold traffic back for a
    /// second.</summary>
    public static void WriteSet(NetlinkWriter writer, LinkAddress address, DeviceNames names)
    {
        writer.Begin(NetlinkType.NewAddress, NetlinkFlags.Create | NetlinkFlags.Replace | NetlinkFlags.Ack);
        WriteBody(writer, address, names);
        if (address.Address.Address.Family == IpFamily.V6) writer.U32(FlagsAttribute, NoDuplicateDetection);
        writer.End();
    }

    public static void WriteDelete(NetlinkWriter writer, LinkAddress address, DeviceNames names)
    {
        writer.Begin(NetlinkType.DeleteAddress, NetlinkFlags.Ack);
        WriteBody(writer, address, names);
        writer.End();
    }

    /// <summary>Reads RTM_NEWADDR or RTM_DELADDR; null for another family.</summary>
    public static LinkAddress? Read(ReadOnlySpan<byte> payload, DeviceNames names)
    {
        var attributes = NetlinkAttributes.After(payload, BodyBytes);
        if (Family.Read(payload[0]) is not { } family) return null;
        IpAddress? local = null, peer = null;
        uint flags = payload[2];
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case Peer: peer = attribute.Address; break;
                case Local: local = attribute.Address; break;
                case FlagsAttribute: flags = attribute.U32; break;
            }
        }
        if ((local ?? peer) is not { } address || address.Family != family || payload[1] > family.Bits)
            throw new NetlinkFormatException("an address message without an address of its family");
        return new LinkAddress
        {
            Device = names.NameOf(MemoryMarshal.Read<int>(payload[4..])),
            Address = new InterfaceAddress(address, payload[1]),
            Scope = (Scope)payload[3],
            Usable = (flags & DetectionFailed) == 0 && ((flags & Tentative) == 0 || (flags & Optimistic) != 0),
        };
    }

    private static void WriteBody(NetlinkWriter writer, LinkAddress address, DeviceNames names)
    {
        var index = names.IndexOf(address.Device);
        var body = writer.Reserve(BodyBytes);
        body[0] = Family.Of(address.Address.Address.Family);
        body[1] = (byte)address.Address.Length;
        body[3] = (byte)address.Scope;
        MemoryMarshal.Write(body[4..], in index);
        writer.Address(Local, address.Address.Address);
        writer.Address(Peer, address.Address.Address);
    }
}
