using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Wire.Netlink;

/// <summary>Routes: struct rtmsg, struct rtnexthop and RTA_* (linux/rtnetlink.h).</summary>
public static class RouteCodec
{
    internal const int BodyBytes = 12;

    private const int NextHopBytes = 8;

    private const int Destination = 1;
    private const int OutputDevice = 4;
    private const int Gateway = 5;
    private const int Priority = 6;
    private const int PreferredSource = 7;
    private const int Metrics = 8;
    private const int MultiPath = 9;
    private const int Table = 15;
    private const int Via = 18;
    private const int EncapsulationType = 21;
    private const int MetricMtu = 2;

    private const byte HopDead = 0x01;
    private const byte HopOnlink = 0x04;
    private const byte HopLinkDown = 0x10;
    private const uint Cloned = 0x200;

    /// <summary>All tables of both families; the kernel's caches of single decisions are left out.</summary>
    public static void WriteDump(NetlinkWriter writer)
    {
        writer.Begin(NetlinkType.GetRoute, NetlinkFlags.Dump);
        writer.Reserve(BodyBytes);
        writer.End();
    }

    /// <summary>Adds a route, in place of the one with its destination, table and metric if there is
    /// one.</summary>
    public static void WriteSet(NetlinkWriter writer, Route route, DeviceNames names)
    {
        writer.Begin(NetlinkType.NewRoute, NetlinkFlags.Create | NetlinkFlags.Replace | NetlinkFlags.Ack);
        Write(writer, IsOnLink(route) ? route with { Scope = Scope.Link } : route, names);
        writer.End();
    }

    public static void WriteDelete(NetlinkWriter writer, Route route, DeviceNames names)
    {
        writer.Begin(NetlinkType.DeleteRoute, NetlinkFlags.Ack);
        Write(writer, route, names);
        writer.End();
    }

    /// <summary>Reads RTM_NEWROUTE or RTM_DELROUTE; null for another family and for a cached
    /// decision.</summary>
    public static Route? Read(ReadOnlySpan<byte> payload, DeviceNames names)
    {
        var attributes = NetlinkAttributes.After(payload, BodyBytes);
        var flags = MemoryMarshal.Read<uint>(payload[8..]);
        if (Family.Read(payload[0]) is not { } family || (flags & Cloned) != 0) return null;
        var destination = IpAddress.Any(family);
        var route = new Route
        {
            Destination = Prefix.Default(family),
            Table = payload[4],
            Protocol = payload[5],
            Scope = (Scope)payload[6],
            Kind = (RouteKind)payload[7],
            Onlink = (flags & HopOnlink) != 0,
            Down = (flags & (HopDead | HopLinkDown)) != 0,
            Unknown = ReadUnknown(payload),
        };
        foreach (var attribute in attributes)
        {
            if (attribute.Type == Destination) destination = attribute.Address;
            else route = ReadAttribute(route, attribute, names);
        }
        if (destination.Family != family || payload[1] > family.Bits)
            throw new NetlinkFormatException($"a route to {destination}/{payload[1]}");
        // An unreachable route of IPv6 names the loopback device, where no packet ever goes.
        if (!HasDevice(route.Kind)) route = route with { Device = null };
        return route with { Destination = Prefix.Of(destination, payload[1]) };
    }

    /// <summary>An IPv4 route without a gateway reaches what is on the link: only with that scope does the kernel
    /// find gateways by it. A plan need not say so, as the ip tool need not be told.</summary>
    private static bool IsOnLink(Route route) => route is
        { Kind: RouteKind.Unicast, Via: null, NextHops.IsEmpty: true, Scope: Scope.Global, Device: not null }
        && route.Destination.Family == IpFamily.V4;

    /// <summary>Whether a route of this kind sends packets out of a device.</summary>
    private static bool HasDevice(RouteKind kind) => kind is
        RouteKind.Unicast or RouteKind.Local or RouteKind.Broadcast or RouteKind.Anycast or RouteKind.Multicast;

    private static Route ReadAttribute(Route route, NetlinkAttribute attribute, DeviceNames names) =>
        attribute.Type switch
        {
            OutputDevice => route with { Device = names.NameOf(attribute.I32) },
            Gateway => route with { Via = attribute.Address },
            Via => route with { Via = ReadVia(attribute) },
            Priority => route with { Metric = attribute.U32 },
            PreferredSource => route with { PreferredSource = attribute.Address },
            Table => route with { Table = attribute.U32 },
            Metrics => route with { Mtu = ReadMtu(attribute) },
            MultiPath => route with { NextHops = ReadNextHops(attribute.Value, names) },
            EncapsulationType => route with { Unknown = $"{route.Unknown}encap {attribute.U16} " },
            _ => route,
        };

    private static string? ReadUnknown(ReadOnlySpan<byte> payload)
    {
        var source = payload[2] == 0 ? "" : $"from a /{payload[2]} ";
        var tos = payload[3] == 0 ? "" : $"tos {payload[3]} ";
        return source.Length + tos.Length == 0 ? null : source + tos;
    }

    private static int? ReadMtu(NetlinkAttribute metrics)
    {
        foreach (var attribute in metrics.Nested)
            if (attribute.Type == MetricMtu) return (int)attribute.U32;
        return null;
    }

    private static IpAddress ReadVia(NetlinkAttribute via)
    {
        if (via.Value.Length is not (6 or 18))
            throw new NetlinkFormatException($"a gateway of the other family in {via.Value.Length} bytes");
        return IpAddress.FromBytes(via.Value[2..]);
    }

    private static ImmutableArray<NextHop> ReadNextHops(ReadOnlySpan<byte> rest, DeviceNames names)
    {
        var hops = ImmutableArray.CreateBuilder<NextHop>();
        while (rest.Length >= NextHopBytes)
        {
            var length = MemoryMarshal.Read<ushort>(rest);
            if (length < NextHopBytes || length > rest.Length)
                throw new NetlinkFormatException($"a next hop of {length} bytes where {rest.Length} are left");
            IpAddress? via = null;
            foreach (var attribute in new NetlinkAttributes(rest[NextHopBytes..length]))
            {
                if (attribute.Type == Gateway) via = attribute.Address;
                else if (attribute.Type == Via) via = ReadVia(attribute);
            }
            var flags = rest[2];
            hops.Add(new NextHop(
                names.NameOf(MemoryMarshal.Read<int>(rest[4..])), via, (flags & HopOnlink) != 0, rest[3] + 1,
                (flags & (HopDead | HopLinkDown)) != 0));
            rest = rest[Math.Min(length + 3 & ~3, rest.Length)..];
        }
        return hops.DrainToImmutable();
    }

    private static void Write(NetlinkWriter writer, Route route, DeviceNames names)
    {
        var body = writer.Reserve(BodyBytes);
        body[0] = Family.Of(route.Destination.Family);
        body[1] = (byte)route.Destination.Length;
        body[4] = route.Table < 256 ? (byte)route.Table : (byte)0;
        body[5] = route.Protocol;
        body[6] = (byte)route.Scope;
        body[7] = (byte)route.Kind;
        uint flags = route.Onlink ? HopOnlink : 0u;
        MemoryMarshal.Write(body[8..], in flags);
        writer.Address(Destination, route.Destination.Address);
        writer.U32(Table, route.Table);
        if (route.Metric != 0) writer.U32(Priority, route.Metric);
        if (route.PreferredSource is { } source) writer.Address(PreferredSource, source);
        if (route.Mtu is { } mtu)
        {
            var metrics = writer.BeginNested(Metrics);
            writer.U32(MetricMtu, (uint)mtu);
            writer.EndNested(metrics);
        }
        if (!route.NextHops.IsEmpty)
        {
            WriteNextHops(writer, route, names);
            return;
        }
        if (route.Via is { } via) WriteGateway(writer, via, route.Destination.Family);
        if (route.Device is { } device) writer.I32(OutputDevice, names.IndexOf(device));
    }

    private static void WriteNextHops(NetlinkWriter writer, Route route, DeviceNames names)
    {
        var nest = writer.BeginNested(MultiPath);
        foreach (var hop in route.NextHops)
        {
            var start = writer.Length;
            var index = hop.Device is { } device ? names.IndexOf(device) : 0;
            var body = writer.Reserve(NextHopBytes);
            body[2] = hop.Onlink ? HopOnlink : (byte)0;
            body[3] = (byte)(hop.Weight - 1);
            MemoryMarshal.Write(body[4..], in index);
            if (hop.Via is { } via) WriteGateway(writer, via, route.Destination.Family);
            // The length of a next hop stands where that of an attribute does.
            writer.EndNested(start);
        }
        writer.EndNested(nest);
    }

    private static void WriteGateway(NetlinkWriter writer, IpAddress via, IpFamily family)
    {
        if (via.Family == family)
        {
            writer.Address(Gateway, via);
            return;
        }
        var value = writer.Attribute(Via, 2 + via.Family.Bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(value, Family.Of(via.Family));
        via.WriteBytes(value[2..]);
    }
}
