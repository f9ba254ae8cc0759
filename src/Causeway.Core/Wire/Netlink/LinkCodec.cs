using System.Runtime.InteropServices;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Wire.Netlink;

/// <summary>Links: struct ifinfomsg and IFLA_* (linux/if_link.h).</summary>
public static class LinkCodec
{
    internal const int BodyBytes = 16;

    private const uint FlagUp = 0x1;
    private const uint FlagLowerUp = 0x1_0000;
    private const uint SkipStatistics = 1 << 3; // RTEXT_FILTER_SKIP_STATS

    private const int Mac = 1;
    private const int Name = 3;
    private const int Mtu = 4;
    private const int LowerLink = 5;
    private const int Master = 10;
    private const int Info = 18;
    private const int Alias = 20;
    private const int NamespaceFd = 28;
    private const int ExtendedMask = 29;
    private const int LinkNamespaceId = 37;
    private const int Xdp = 43;
    private const int InfoKind = 1;
    private const int InfoData = 2;
    private const int VethPeer = 1;
    private const int XdpAttached = 2;

    public static void WriteDump(NetlinkWriter writer)
    {
        writer.Begin(NetlinkType.GetLink, NetlinkFlags.Dump);
        writer.Reserve(BodyBytes);
        writer.U32(ExtendedMask, SkipStatistics);
        writer.End();
    }

    /// <summary>Asks for one device by name.</summary>
    public static void WriteGet(NetlinkWriter writer, string name)
    {
        writer.Begin(NetlinkType.GetLink, NetlinkFlags.None);
        writer.Reserve(BodyBytes);
        writer.Text(Name, name);
        writer.U32(ExtendedMask, SkipStatistics);
        writer.End();
    }

    /// <summary>Creates a device that is not there: everything but a veth, which comes in pairs.</summary>
    public static void WriteCreate(NetlinkWriter writer, Link link, DeviceNames names)
    {
        if (link.Kind is "" or "veth")
            throw new ArgumentException($"a device of kind '{link.Kind}' is not made by itself", nameof(link));
        writer.Begin(NetlinkType.NewLink, NetlinkFlags.Create | NetlinkFlags.Exclusive | NetlinkFlags.Ack);
        WriteBody(writer, 0, link.Up);
        WriteCommon(writer, link);
        if (link.Master is { } master) writer.I32(Master, names.IndexOf(master));
        WriteInfo(writer, link.Kind, link.Vxlan, names);
        writer.End();
    }

    /// <summary>Creates a veth pair whose other end is born in another namespace, which costs a hundredth of
    /// moving it there.</summary>
    /// <param name="peer">Is born down, whatever it says: the kernel cannot open an end before there is
    /// another.</param>
    /// <param name="peerNamespace">An open descriptor of the peer's namespace; null for this one.</param>
    public static void WriteVethPair(
        NetlinkWriter writer, Link link, Link peer, int? peerNamespace, DeviceNames names)
    {
        writer.Begin(NetlinkType.NewLink, NetlinkFlags.Create | NetlinkFlags.Exclusive | NetlinkFlags.Ack);
        WriteBody(writer, 0, link.Up);
        WriteCommon(writer, link);
        if (link.Master is { } master) writer.I32(Master, names.IndexOf(master));
        var info = writer.BeginNested(Info);
        writer.Text(InfoKind, "veth");
        var data = writer.BeginNested(InfoData);
        var nest = writer.BeginNested(VethPeer);
        WriteBody(writer, 0, up: false);
        WriteCommon(writer, peer);
        if (peerNamespace is { } fd) writer.I32(NamespaceFd, fd);
        writer.EndNested(nest);
        writer.EndNested(data);
        writer.EndNested(info);
        writer.End();
    }

    /// <summary>Changes a device in place: state, MAC, MTU, master, alias. What <paramref name="link"/>
    /// leaves open stays; an empty master frees it.</summary>
    public static void WriteChange(NetlinkWriter writer, int index, Link link, DeviceNames names)
    {
        writer.Begin(NetlinkType.NewLink, NetlinkFlags.Ack);
        WriteBody(writer, index, link.Up);
        // A name in a request with an index means: rename.
        WriteCommon(writer, link with { Name = "" });
        if (link.Master is { } master) writer.I32(Master, master.Length == 0 ? 0 : names.IndexOf(master));
        writer.End();
    }

    /// <summary>Changes of a VXLAN device what the kernel lets change: not VNI and port, and not in one
    /// request with an MTU.</summary>
    public static void WriteVxlanChange(
        NetlinkWriter writer, int index, bool up, VxlanSettings vxlan, DeviceNames names)
    {
        writer.Begin(NetlinkType.NewLink, NetlinkFlags.Ack);
        WriteBody(writer, index, up);
        WriteInfo(writer, "vxlan", vxlan, names, changeOnly: true);
        writer.End();
    }

    public static void WriteSetUp(NetlinkWriter writer, int index, bool up)
    {
        writer.Begin(NetlinkType.NewLink, NetlinkFlags.Ack);
        WriteBody(writer, index, up);
        writer.End();
    }

    public static void WriteDelete(NetlinkWriter writer, int index)
    {
        writer.Begin(NetlinkType.DeleteLink, NetlinkFlags.Ack);
        MemoryMarshal.Write(writer.Reserve(BodyBytes)[4..], in index);
        writer.End();
    }

    /// <summary>Index and name alone.</summary>
    public static (int Index, string Name) ReadName(ReadOnlySpan<byte> payload)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, BodyBytes))
            if (attribute.Type == Name) return (MemoryMarshal.Read<int>(payload[4..]), attribute.Text);
        throw new NetlinkFormatException("a link without a name");
    }

    /// <summary>Reads RTM_NEWLINK. <paramref name="names"/> is asked for masters and lower devices.</summary>
    public static Link Read(ReadOnlySpan<byte> payload, DeviceNames names)
    {
        var attributes = NetlinkAttributes.After(payload, BodyBytes);
        var flags = MemoryMarshal.Read<uint>(payload[8..]);
        var link = new Link
        {
            Name = "",
            Index = MemoryMarshal.Read<int>(payload[4..]),
            Up = (flags & FlagUp) != 0,
            Carrier = (flags & FlagLowerUp) != 0,
        };
        foreach (var attribute in attributes)
        {
            link = attribute.Type switch
            {
                Mac when attribute.Value.Length == Addressing.MacAddress.Bytes => link with { Mac = attribute.Mac },
                Name => link with { Name = attribute.Text },
                Mtu => link with { Mtu = (int)attribute.U32 },
                LowerLink => link with { PeerIndex = attribute.I32 },
                LinkNamespaceId => link with { PeerNamespaceId = attribute.I32 },
                Master => link with { Master = names.NameOf(attribute.I32) },
                Alias => link with { Alias = attribute.Text },
                Xdp => link with { Xdp = ReadXdp(attribute) },
                Info => ReadInfo(link, attribute, names),
                _ => link,
            };
        }
        return link.Name.Length > 0 ? link : throw new NetlinkFormatException("a link without a name");
    }

    private static void WriteBody(NetlinkWriter writer, int index, bool up)
    {
        var body = writer.Reserve(BodyBytes);
        var (flags, change) = (up ? FlagUp : 0, FlagUp);
        MemoryMarshal.Write(body[4..], in index);
        MemoryMarshal.Write(body[8..], in flags);
        MemoryMarshal.Write(body[12..], in change);
    }

    private static void WriteCommon(NetlinkWriter writer, Link link)
    {
        if (link.Name.Length > 0) writer.Text(Name, link.Name);
        if (link.Mac is { } mac) writer.Mac(Mac, mac);
        if (link.Mtu is { } mtu) writer.U32(Mtu, (uint)mtu);
        if (link.Alias is { } alias) writer.Text(Alias, alias);
    }

    private static void WriteInfo(
        NetlinkWriter writer, string kind, VxlanSettings? vxlan, DeviceNames names, bool changeOnly = false)
    {
        var info = writer.BeginNested(Info);
        writer.Text(InfoKind, kind);
        if (vxlan is not null)
        {
            var data = writer.BeginNested(InfoData);
            VxlanCodec.Write(writer, vxlan, names, changeOnly);
            writer.EndNested(data);
        }
        writer.EndNested(info);
    }

    private static Link ReadInfo(Link link, NetlinkAttribute info, DeviceNames names)
    {
        foreach (var attribute in info.Nested)
        {
            if (attribute.Type == InfoKind) link = link with { Kind = attribute.Text };
            else if (attribute.Type == InfoData && link.Kind == "vxlan")
                link = link with { Vxlan = VxlanCodec.Read(attribute, names) };
        }
        return link;
    }

    private static bool ReadXdp(NetlinkAttribute xdp)
    {
        foreach (var attribute in xdp.Nested)
            if (attribute.Type == XdpAttached) return attribute.U8 != 0;
        return false;
    }
}
