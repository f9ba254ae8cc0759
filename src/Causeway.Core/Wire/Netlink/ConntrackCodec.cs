using System.Buffers.Binary;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>One direction of a tracked flow of a protocol with ports.</summary>
public readonly record struct FlowTuple(
    IpAddress Source, ushort SourcePort, IpAddress Destination, ushort DestinationPort)
{
    /// <summary>What answers have where nothing is translated.</summary>
    public FlowTuple Inverse => new(Destination, DestinationPort, Source, SourcePort);

    public override string ToString() => $"{Source} port {SourcePort} to {Destination} port {DestinationPort}";
}

/// <summary>An entry of the connection tracking table.</summary>
/// <param name="Reply">As answers come back: its source is where the flow was translated to.</param>
/// <param name="Id">The kernel's, so that another flow of the same tuple is not taken for this one.</param>
public sealed record ConntrackFlow(FlowTuple Original, FlowTuple Reply, byte Protocol, ushort Zone, uint Id);

/// <summary>Which entries the kernel is asked for: those of a protocol, to an address, to a port.</summary>
/// <param name="Protocol">As in the IP header; one that has ports.</param>
public readonly record struct ConntrackFilter(
    IpFamily Family, byte Protocol, IpAddress? Destination = null, ushort? Port = null)
{
    public bool Holds(ConntrackFlow flow) => flow.Protocol == Protocol
        && flow.Original.Destination is var to && to.Family == Family && (Destination ?? to) == to
        && (Port ?? flow.Original.DestinationPort) == flow.Original.DestinationPort;
}

/// <summary>
/// Entries of connection tracking (linux/netfilter/nfnetlink_conntrack.h): listed by filter and deleted. Kernels
/// before 5.8 know no filter and tell all entries, so the reader looks at each again
/// (<see cref="ConntrackFilter.Holds"/>).
/// </summary>
public static class ConntrackCodec
{
    private const int Subsystem = 1;
    private const int Get = 1;
    private const int Delete = 2;

    private const int Original = 1;
    private const int Reply = 2;
    private const int FlowId = 12;
    private const int FlowZone = 18;
    private const int Filter = 25;
    private const int FilterOriginal = 1;
    private const int FilterReply = 2;

    private const int TupleIp = 1;
    private const int TupleProtocol = 2;
    private const int SourceV4 = 1;
    private const int DestinationV4 = 2;
    private const int SourceV6 = 3;
    private const int DestinationV6 = 4;
    private const int Number = 1;
    private const int SourcePort = 2;
    private const int DestinationPort = 3;

    // What of the tuple counts in a filter.
    private const uint ByDestination = 1 << 1;
    private const uint ByProtocol = 1 << 3;
    private const uint ByDestinationPort = 1 << 5;

    public static void WriteDump(NetlinkWriter writer, ConntrackFilter filter)
    {
        NetfilterCodec.Begin(writer, Subsystem, Get, filter.Family, NetlinkFlags.Dump);
        var flags = ByProtocol;
        var tuple = writer.BeginNested(Original | NetlinkWriter.NestedFlag);
        // Of IPv6, kernels up to at least 6.18 give all but the address that is asked for: there the port must do.
        if (filter is { Destination: { } destination, Family: IpFamily.V4 })
        {
            flags |= ByDestination;
            var ip = writer.BeginNested(TupleIp | NetlinkWriter.NestedFlag);
            writer.Address(DestinationV4, destination);
            writer.EndNested(ip);
        }
        var protocol = writer.BeginNested(TupleProtocol | NetlinkWriter.NestedFlag);
        writer.U8(Number, filter.Protocol);
        if (filter.Port is { } port)
        {
            flags |= ByDestinationPort;
            WritePort(writer, DestinationPort, port);
        }
        writer.EndNested(protocol);
        writer.EndNested(tuple);
        var nest = writer.BeginNested(Filter | NetlinkWriter.NestedFlag);
        writer.U32(FilterOriginal, flags);
        writer.U32(FilterReply, 0);
        writer.EndNested(nest);
        writer.End();
    }

    public static void WriteDelete(NetlinkWriter writer, ConntrackFlow flow)
    {
        var family = flow.Original.Source.Family;
        NetfilterCodec.Begin(writer, Subsystem, Delete, family, NetlinkFlags.None);
        var tuple = writer.BeginNested(Original | NetlinkWriter.NestedFlag);
        var ip = writer.BeginNested(TupleIp | NetlinkWriter.NestedFlag);
        writer.Address(family == IpFamily.V4 ? SourceV4 : SourceV6, flow.Original.Source);
        writer.Address(family == IpFamily.V4 ? DestinationV4 : DestinationV6, flow.Original.Destination);
        writer.EndNested(ip);
        var protocol = writer.BeginNested(TupleProtocol | NetlinkWriter.NestedFlag);
        writer.U8(Number, flow.Protocol);
        WritePort(writer, SourcePort, flow.Original.SourcePort);
        WritePort(writer, DestinationPort, flow.Original.DestinationPort);
        writer.EndNested(protocol);
        writer.EndNested(tuple);
        if (flow.Zone != 0) WritePort(writer, FlowZone, flow.Zone);
        BinaryPrimitives.WriteUInt32BigEndian(writer.Attribute(FlowId, sizeof(uint)), flow.Id);
        writer.End();
    }

    /// <summary>The entry of one answer; null when its protocol has no ports. Throws
    /// <see cref="NetlinkFormatException"/>.</summary>
    public static ConntrackFlow? Read(ReadOnlySpan<byte> payload)
    {
        (FlowTuple Tuple, byte Protocol)? original = null, reply = null;
        var (zone, id) = ((ushort)0, 0u);
        foreach (var attribute in NetlinkAttributes.After(payload, NetfilterCodec.BodyBytes))
        {
            switch (attribute.Type)
            {
                case Original: original = ReadTuple(attribute); break;
                case Reply: reply = ReadTuple(attribute); break;
                case FlowZone: zone = attribute.U16BigEndian; break;
                case FlowId: id = BinaryPrimitives.ReverseEndianness(attribute.U32); break;
            }
        }
        return original is { } there && reply is { } back
            ? new(there.Tuple, back.Tuple, there.Protocol, zone, id)
            : null;
    }

    private static (FlowTuple, byte)? ReadTuple(NetlinkAttribute tuple)
    {
        IpAddress? source = null, destination = null;
        ushort? sourcePort = null, destinationPort = null;
        byte protocol = 0;
        foreach (var half in tuple.Nested)
        {
            if (half.Type is not (TupleIp or TupleProtocol)) continue;
            foreach (var part in half.Nested)
            {
                switch (half.Type, part.Type)
                {
                    case (TupleIp, SourceV4 or SourceV6): source = part.Address; break;
                    case (TupleIp, DestinationV4 or DestinationV6): destination = part.Address; break;
                    case (TupleProtocol, Number): protocol = part.U8; break;
                    case (TupleProtocol, SourcePort): sourcePort = part.U16BigEndian; break;
                    case (TupleProtocol, DestinationPort): destinationPort = part.U16BigEndian; break;
                }
            }
        }
        return source is { } from && destination is { } to && sourcePort is { } fromPort && destinationPort is { } toPort
            ? (new(from, fromPort, to, toPort), protocol)
            : null;
    }

    private static void WritePort(NetlinkWriter writer, int type, ushort port) =>
        BinaryPrimitives.WriteUInt16BigEndian(writer.Attribute(type, sizeof(ushort)), port);
}
