using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>What to do with a virtual or a real server.</summary>
public enum IpvsVerb
{
    Add,
    Set,
    Delete,
}

/// <summary>
/// IPVS by generic netlink (linux/ip_vs.h): virtual servers, their real servers, timeouts. Addresses are 16 bytes
/// whatever the family, ports in network byte order.
/// </summary>
/// <param name="family">The number that the kernel gave to <see cref="Name"/>.</param>
public sealed class IpvsCodec(ushort family)
{
    public const string Name = "IPVS";

    private const byte Version = 1;

    private const byte NewService = 1;
    private const byte GetService = 4;
    private const byte NewServer = 5;
    private const byte GetServer = 8;
    private const byte SetConfig = 12;
    private const byte GetConfig = 13;

    private const int Service = 1;
    private const int Server = 2;
    private const int TimeoutTcp = 4;
    private const int TimeoutTcpFin = 5;
    private const int TimeoutUdp = 6;

    /// <summary>The message that does this to a virtual server. Deletion needs no options.</summary>
    public void Write(NetlinkWriter writer, IpvsVerb verb, IpvsKey key, IpvsOptions options = default)
    {
        Begin(writer, (byte)(NewService + (int)verb), NetlinkFlags.Ack);
        var nest = writer.BeginNested(Service | NetlinkWriter.NestedFlag);
        WriteKey(writer, key);
        if (verb != IpvsVerb.Delete) IpvsServiceAttributes.WriteOptions(writer, key, options);
        writer.EndNested(nest);
        writer.End();
    }

    /// <summary>The message that does this to a real server of a virtual one.</summary>
    public void Write(NetlinkWriter writer, IpvsVerb verb, IpvsKey key, IpvsServer server)
    {
        Begin(writer, (byte)(NewServer + (int)verb), NetlinkFlags.Ack);
        var nest = writer.BeginNested(Service | NetlinkWriter.NestedFlag);
        WriteKey(writer, key);
        writer.EndNested(nest);
        nest = writer.BeginNested(Server | NetlinkWriter.NestedFlag);
        IpvsServerAttributes.Write(writer, server, whole: verb != IpvsVerb.Delete);
        writer.EndNested(nest);
        writer.End();
    }

    public void WriteDumpServices(NetlinkWriter writer)
    {
        Begin(writer, GetService, NetlinkFlags.Dump);
        writer.End();
    }

    /// <summary>Asks for one virtual server; ESRCH when there is none.</summary>
    public void WriteGetService(NetlinkWriter writer, IpvsKey key) =>
        WriteAbout(writer, GetService, NetlinkFlags.None, key);

    /// <summary>Asks for all real servers of a virtual one.</summary>
    public void WriteDumpServers(NetlinkWriter writer, IpvsKey key) =>
        WriteAbout(writer, GetServer, NetlinkFlags.Dump, key);

    public void WriteGetTimeouts(NetlinkWriter writer)
    {
        Begin(writer, GetConfig, NetlinkFlags.None);
        writer.End();
    }

    public void WriteSetTimeouts(NetlinkWriter writer, IpvsTimeouts timeouts)
    {
        Begin(writer, SetConfig, NetlinkFlags.Ack);
        writer.U32(TimeoutTcp, timeouts.Tcp);
        writer.U32(TimeoutTcpFin, timeouts.TcpFin);
        writer.U32(TimeoutUdp, timeouts.Udp);
        writer.End();
    }

    /// <summary>Reads a virtual server; null for one of a firewall mark or of another protocol.</summary>
    public static IpvsService? ReadService(ReadOnlySpan<byte> payload)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, GenericCodec.BodyBytes))
            if (attribute.Type == Service) return IpvsServiceAttributes.Read(attribute.Nested);
        throw new NetlinkFormatException("a message about no virtual server");
    }

    /// <summary>Reads a real server.</summary>
    /// <param name="family">Of the virtual server: kernels before 3.18 do not tell that of the real one.</param>
    public static IpvsServer ReadServer(ReadOnlySpan<byte> payload, IpFamily family)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, GenericCodec.BodyBytes))
            if (attribute.Type == Server) return IpvsServerAttributes.Read(attribute.Nested, family);
        throw new NetlinkFormatException("a message about no real server");
    }

    public static IpvsTimeouts ReadTimeouts(ReadOnlySpan<byte> payload)
    {
        IpvsTimeouts timeouts = default;
        foreach (var attribute in NetlinkAttributes.After(payload, GenericCodec.BodyBytes))
        {
            timeouts = attribute.Type switch
            {
                TimeoutTcp => timeouts with { Tcp = attribute.U32 },
                TimeoutTcpFin => timeouts with { TcpFin = attribute.U32 },
                TimeoutUdp => timeouts with { Udp = attribute.U32 },
                _ => timeouts,
            };
        }
        return timeouts;
    }

    private void WriteAbout(NetlinkWriter writer, byte command, NetlinkFlags flags, IpvsKey key)
    {
        Begin(writer, command, flags);
        var nest = writer.BeginNested(Service | NetlinkWriter.NestedFlag);
        WriteKey(writer, key);
        writer.EndNested(nest);
        writer.End();
    }

    private void Begin(NetlinkWriter writer, byte command, NetlinkFlags flags) =>
        GenericCodec.Begin(writer, family, command, Version, flags);

    private static void WriteKey(NetlinkWriter writer, IpvsKey key) => IpvsServiceAttributes.WriteKey(writer, key);

    internal static void WriteAddress(NetlinkWriter writer, int type, IpAddress address)
    {
        const int unionBytes = 16;
        address.WriteBytes(writer.Attribute(type, unionBytes));
    }

    internal static void WritePort(NetlinkWriter writer, int type, ushort port) =>
        BinaryPrimitives.WriteUInt16BigEndian(writer.Attribute(type, sizeof(ushort)), port);

    internal static IpAddress ReadAddress(ReadOnlySpan<byte> bytes, IpFamily family) => bytes.Length >= family.Bytes
        ? IpAddress.FromBytes(bytes[..family.Bytes])
        : throw new NetlinkFormatException($"an address of {bytes.Length} bytes");

    /// <summary>Reads the nest of statistics with 64 bits.</summary>
    internal static IpvsStatistics ReadStatistics(NetlinkAttributes attributes)
    {
        IpvsStatistics statistics = default;
        foreach (var attribute in attributes)
        {
            if (attribute.Type is < 1 or > 5) continue;
            if (attribute.Value.Length != sizeof(ulong))
                throw new NetlinkFormatException($"a counter of {attribute.Value.Length} bytes");
            var value = MemoryMarshal.Read<ulong>(attribute.Value);
            statistics = attribute.Type switch
            {
                1 => statistics with { Connections = value },
                2 => statistics with { PacketsIn = value },
                3 => statistics with { PacketsOut = value },
                4 => statistics with { BytesIn = value },
                _ => statistics with { BytesOut = value },
            };
        }
        return statistics;
    }
}
