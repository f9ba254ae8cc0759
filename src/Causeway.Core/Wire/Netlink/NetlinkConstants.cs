namespace Causeway.Core.Wire.Netlink;

/// <summary>Message types of netlink (1..15) and of rtnetlink (linux/rtnetlink.h).</summary>
public enum NetlinkType : ushort
{
    Noop = 1,
    Error = 2,
    Done = 3,
    Overrun = 4,
    NewLink = 16,
    DeleteLink = 17,
    GetLink = 18,
    SetLink = 19,
    NewAddress = 20,
    DeleteAddress = 21,
    GetAddress = 22,
    NewRoute = 24,
    DeleteRoute = 25,
    GetRoute = 26,
    NewNeighbour = 28,
    DeleteNeighbour = 29,
    GetNeighbour = 30,
    NewRule = 32,
    DeleteRule = 33,
    GetRule = 34,
    GetQueue = 38,
    GetFilter = 46,
    NewNetworkConfiguration = 80,
    NewNamespaceId = 88,
    DeleteNamespaceId = 89,
    GetNamespaceId = 90,
}

/// <summary>nlmsg_flags. The bits from 0x100 up mean one thing on a request to read and another on one to
/// write; for what they mean on an error see <see cref="NetlinkAck"/>.</summary>
[Flags]
public enum NetlinkFlags : ushort
{
    None = 0,
    Request = 0x01,
    Multi = 0x02,
    Ack = 0x04,
    DumpInterrupted = 0x10,
    Dump = 0x300,
    Replace = 0x100,
    Exclusive = 0x200,
    Create = 0x400,
    Append = 0x800,
}

/// <summary>Multicast groups of rtnetlink (RTNLGRP_*).</summary>
public enum RouteGroup
{
    Link = 1,
    Neighbour = 3,
    AddressV4 = 5,
    RouteV4 = 7,
    RuleV4 = 8,
    AddressV6 = 9,
    RouteV6 = 11,
    RuleV6 = 19,
    ConfigurationV4 = 24,
    ConfigurationV6 = 25,
    NamespaceId = 28,
}

/// <summary>Address families, as rtnetlink numbers them.</summary>
internal static class Family
{
    public const byte Unspecified = 0;
    public const byte Inet = 2;
    public const byte Bridge = 7;
    public const byte Inet6 = 10;

    public static byte Of(Addressing.IpFamily family) =>
        family == Addressing.IpFamily.V4 ? Inet : Inet6;

    public static Addressing.IpFamily? Read(byte family) => family switch
    {
        Inet => Addressing.IpFamily.V4,
        Inet6 => Addressing.IpFamily.V6,
        _ => null,
    };
}
