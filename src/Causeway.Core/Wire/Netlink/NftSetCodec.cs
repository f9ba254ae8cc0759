using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Wire.Netlink;

/// <summary>Declarations of sets and maps, and the elements of sets of prefixes: NFTA_SET_*
/// (linux/netfilter/nf_tables.h).</summary>
internal static class NftSetCodec
{
    private const int NewSet = 9;
    private const int Nested = NetlinkWriter.NestedFlag;

    private const int FlagInterval = 0x4;
    private const int FlagMap = 0x8;
    private const int FlagTimeout = 0x10;
    private const int FlagDynamic = 0x20;
    private const int FlagConcatenation = 0x80;

    private const int Verdict = unchecked((int)0xffffff00); // NFT_DATA_VERDICT

    // The tool's records of a set (libnftnl/udata.h), and its numbers of an order of bytes.
    private const byte KeyOrder = 0;
    private const byte DataOrder = 1;
    private const byte KeyTypeof = 3;
    private const byte DataTypeof = 4;
    private const byte DataInterval = 6;
    private const uint NetworkOrder = 2;

    /// <summary>One prefix is two elements of up to 36 bytes; a list of them has 16 bits for its length.</summary>
    private const int PrefixesInMessage = 500;

    /// <summary>Makes a set without elements, or leaves one that is there as it is. From Linux 6.3 on the kernel refuses
    /// it where that one has another shape.</summary>
    /// <param name="id">By which the transaction tells its sets apart.</param>
    public static void WriteNew(NetlinkWriter writer, byte family, string table, NftSet set, int id)
    {
        if (set.Timeout is not null) throw NftTableWriter.Unknown($"set {set.Name} with a timeout");
        var key = NftDataType.Of(set.Type);
        var flags = (set.Interval ? FlagInterval | (key.IsConcatenation ? FlagConcatenation : 0) : 0)
            | (set.IsMap ? FlagMap : 0) | (set.Timeouts ? FlagTimeout : 0) | (set.Dynamic ? FlagDynamic : 0);
        NetfilterCodec.Begin(writer, NewSet, family, NetlinkFlags.Create);
        writer.Text(1, table);
        writer.Text(2, set.Name);
        writer.I32BigEndian(3, flags);
        writer.I32BigEndian(4, key.Number);
        writer.I32BigEndian(5, key.Bytes);
        var value = set.Data is null ? null : set.Data == "verdict" ? new(Verdict, []) : NftDataType.Of(set.Data);
        if (value is not null)
        {
            writer.I32BigEndian(6, value.Number);
            writer.I32BigEndian(7, value.Bytes);
        }
        writer.I32BigEndian(10, id);
        Description(writer, set, key);
        UserData(set, key, value).Write(writer, 13);
        if (set.Counter)
        {
            var expression = writer.BeginNested(17 | Nested);
            writer.Text(1, "counter");
            writer.EndNested(writer.BeginNested(2 | Nested));
            writer.EndNested(expression);
        }
        writer.End();
    }

    /// <summary>Adds the elements of a set of prefixes.</summary>
    public static void WriteElements(NetlinkWriter writer, byte family, string table, NftSet set)
    {
        var prefixes = Array.ConvertAll<NftElement, Prefix>([.. set.Elements], e => Read(set, e));
        Array.Sort(prefixes);
        foreach (var some in prefixes.Chunk(PrefixesInMessage))
        {
            var list = NftElementCodec.Begin(writer, family, table, set.Name, delete: false);
            foreach (var prefix in some)
            {
                // To the very last address there is no first one behind it.
                var isOpen = prefix.Last == IpAddress.FromValue(prefix.Family, UInt128.MaxValue >> 128 - prefix.Family.Bits);
                NftElementCodec.Add(writer, new() { Key = prefix.Address.ToBytes(), IsOpen = isOpen });
                if (!isOpen) NftElementCodec.Add(writer, new() { Key = prefix.Last.Add(1).ToBytes(), IsEnd = true });
            }
            NftElementCodec.End(writer, list);
        }
    }

    private static Prefix Read(NftSet set, NftElement element)
    {
        if (!set.Interval || element != new NftElement(element.Key))
            throw NftTableWriter.Unknown($"element {NftText.Print(element)} of set {set.Name}");
        if (IpAddress.TryParse(element.Key, out var address)) return address.Host;
        return Prefix.TryParse(element.Key, out var prefix)
            ? prefix
            : throw NftTableWriter.Unknown($"element {element.Key} of set {set.Name}");
    }

    private static void Description(NetlinkWriter writer, NftSet set, NftDataType key)
    {
        var hasFields = set.Interval && key.IsConcatenation;
        if (set.Size is null && !hasFields) return;
        var description = writer.BeginNested(9 | Nested);
        if (set.Size is { } size) writer.I32BigEndian(1, size);
        if (hasFields)
        {
            var fields = writer.BeginNested(2 | Nested);
            foreach (var length in key.Lengths)
            {
                var field = writer.BeginNested(1 | Nested);
                writer.I32BigEndian(1, length);
                writer.EndNested(field);
            }
            writer.EndNested(fields);
        }
        writer.EndNested(description);
    }

    private static NftUserData UserData(NftSet set, NftDataType key, NftDataType? value)
    {
        NftUserData records = new();
        records.Number(KeyOrder, Order(key));
        if (value is not null) records.Number(DataOrder, Order(value));
        var expressions = set.TypeOf?.Split(" : ");
        if (expressions is not null) records.Nest(KeyTypeof, NftTypeof.Of(expressions[0]));
        else if (key.IsConcatenation) records.Nest(KeyTypeof, NftTypeof.OfTypes);
        if (expressions is [_, var values]) records.Nest(DataTypeof, NftTypeof.Of(values));
        if (value is not null) records.Number(DataInterval, 0);
        return records;
    }

    // An address alone is in network order; concatenations and verdicts have no order of their own.
    private static uint Order(NftDataType type) => type.Lengths.Length == 1 ? NetworkOrder : 0;
}
