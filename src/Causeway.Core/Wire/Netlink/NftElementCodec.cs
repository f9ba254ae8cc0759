using System.Buffers.Binary;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>One element of an nftables set or map, as it stands in a message; valid as long as the
/// message.</summary>
public readonly ref struct NftWireElement
{
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Last key of an interval; empty for a single key.</summary>
    public ReadOnlySpan<byte> End { get; init; }

    /// <summary>A map's value; empty in sets and verdict maps.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Where a verdict map's <c>goto</c> or <c>jump</c> leads; null elsewhere.</summary>
    public string? Chain { get; init; }

    /// <summary>What the tool shows as its comment; null without one.</summary>
    public string? Comment { get; init; }

    /// <summary>In an interval set of one component: no element, but where the interval before it is over.</summary>
    public bool IsEnd { get; init; }

    /// <summary>In such a set: the interval goes to the last of all keys. For the tool, which lists it as such.</summary>
    public bool IsOpen { get; init; }

    /// <summary>The element's own counter; 0 where the set has none.</summary>
    public ulong Packets { get; init; }

    public ulong Bytes { get; init; }
}

/// <summary>
/// Elements of nftables sets (linux/netfilter/nf_tables.h): added, deleted and listed without the tool, which
/// costs a thousandth of running it.
/// </summary>
public static class NftElementCodec
{
    private const int NewElement = 12;
    private const int GetElement = 13;
    private const int DeleteElement = 14;

    private const int ListTable = 1;
    private const int ListSet = 2;
    private const int ListElements = 3;
    private const int ListItem = 1;

    private const int ElementKey = 1;
    private const int ElementData = 2;
    private const int ElementFlags = 3;
    private const int ElementUserData = 6;
    private const int ElementExpression = 7;
    private const int ElementKeyEnd = 10;
    private const int ElementExpressions = 11;

    private const int IntervalEnd = 1;

    private const byte UserDataComment = 0;
    private const byte UserDataFlags = 1;
    private const uint OpenInterval = 1;
    private const int DataValue = 1;

    private const int ExpressionData = 2;
    private const int CounterBytes = 1;
    private const int CounterPackets = 2;

    /// <summary>Opens a message that adds or deletes elements; the offset that <see cref="End"/> wants.</summary>
    public static int Begin(NetlinkWriter writer, IpFamily family, string table, string set, bool delete) =>
        Begin(writer, Family.Of(family), table, set, delete);

    /// <summary>The same, in a table of any family (NFPROTO_*).</summary>
    internal static int Begin(NetlinkWriter writer, byte family, string table, string set, bool delete)
    {
        NetfilterCodec.Begin(
            writer, delete ? DeleteElement : NewElement, family,
            // Not exclusive: what is there with the same value is as it should be.
            delete ? NetlinkFlags.None : NetlinkFlags.Create);
        WriteSet(writer, table, set);
        return writer.BeginNested(ListElements | NetlinkWriter.NestedFlag);
    }

    /// <summary>One element of the message that is open.</summary>
    public static void Add(NetlinkWriter writer, NftWireElement element)
    {
        var item = writer.BeginNested(ListItem | NetlinkWriter.NestedFlag);
        if (element.IsEnd)
            writer.I32BigEndian(ElementFlags, IntervalEnd);
        WriteValue(writer, ElementKey, element.Key);
        if (!element.End.IsEmpty) WriteValue(writer, ElementKeyEnd, element.End);
        if (element.Chain is { } chain) NftVerdictCodec.WriteGoto(writer, ElementData, chain);
        else if (!element.Data.IsEmpty) WriteValue(writer, ElementData, element.Data);
        if (element.Comment is { } comment) new NftUserData().Text(UserDataComment, comment).Write(writer, ElementUserData);
        else if (element.IsOpen) new NftUserData().Number(UserDataFlags, OpenInterval).Write(writer, ElementUserData);
        writer.EndNested(item);
    }

    public static void End(NetlinkWriter writer, int list)
    {
        writer.EndNested(list);
        writer.End();
    }

    /// <summary>Deletes all elements of a set.</summary>
    internal static void WriteFlush(NetlinkWriter writer, byte family, string table, string set)
    {
        NetfilterCodec.Begin(writer, DeleteElement, family, NetlinkFlags.None);
        WriteSet(writer, table, set);
        writer.End();
    }

    public static void WriteDump(NetlinkWriter writer, IpFamily family, string table, string set)
    {
        NetfilterCodec.Begin(writer, GetElement, family, NetlinkFlags.Dump);
        WriteSet(writer, table, set);
        writer.End();
    }

    public delegate void Taker(NftWireElement element);

    /// <summary>Takes every element of one answer to a dump. Throws <see cref="NetlinkFormatException"/>.</summary>
    public static void Read(ReadOnlySpan<byte> payload, Taker take)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, NetfilterCodec.BodyBytes))
        {
            if (attribute.Type != ListElements) continue;
            foreach (var item in attribute.Nested) take(ReadElement(item));
        }
    }

    private static void WriteSet(NetlinkWriter writer, string table, string set)
    {
        writer.Text(ListTable, table);
        writer.Text(ListSet, set);
    }

    private static void WriteValue(NetlinkWriter writer, int type, ReadOnlySpan<byte> value)
    {
        var nest = writer.BeginNested(type | NetlinkWriter.NestedFlag);
        writer.Bytes(DataValue, value);
        writer.EndNested(nest);
    }

    private static string? ReadComment(ReadOnlySpan<byte> records)
    {
        while (records.Length > 2 && records.Length >= 2 + records[1])
        {
            if (records[0] == UserDataComment && records[1] > 0)
                return Encoding.UTF8.GetString(records.Slice(2, records[1] - 1));
            records = records[(2 + records[1])..];
        }
        return null;
    }

    private static NftWireElement ReadElement(NetlinkAttribute item)
    {
        ReadOnlySpan<byte> key = default, end = default, data = default;
        string? chain = null, comment = null;
        var (packets, bytes) = (0UL, 0UL);
        foreach (var part in item.Nested)
        {
            switch (part.Type)
            {
                case ElementKey: key = Value(part); break;
                case ElementKeyEnd: end = Value(part); break;
                case ElementData:
                    data = Value(part);
                    chain = NftVerdictCodec.ReadChain(part);
                    break;
                case ElementUserData: comment = ReadComment(part.Value); break;
                case ElementExpression: (packets, bytes) = Counter(part); break;
                case ElementExpressions:
                    foreach (var expression in part.Nested) (packets, bytes) = Counter(expression);
                    break;
            }
        }
        return new() { Key = key, End = end, Data = data, Chain = chain, Comment = comment, Packets = packets, Bytes = bytes };
    }

    private static ReadOnlySpan<byte> Value(NetlinkAttribute data)
    {
        foreach (var part in data.Nested)
            if (part.Type == DataValue) return part.Value;
        return default;
    }

    private static (ulong Packets, ulong Bytes) Counter(NetlinkAttribute expression)
    {
        var (packets, bytes) = (0UL, 0UL);
        foreach (var part in expression.Nested)
        {
            if (part.Type != ExpressionData) continue;
            foreach (var field in part.Nested)
            {
                if (field.Value.Length != sizeof(ulong)) continue;
                if (field.Type == CounterPackets) packets = BinaryPrimitives.ReadUInt64BigEndian(field.Value);
                if (field.Type == CounterBytes) bytes = BinaryPrimitives.ReadUInt64BigEndian(field.Value);
            }
        }
        return (packets, bytes);
    }
}
