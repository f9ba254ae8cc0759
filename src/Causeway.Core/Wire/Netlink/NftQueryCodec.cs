using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>Questions to nftables that need no listing: NFTA_GEN_*, NFTA_TABLE_*, NFTA_CHAIN_*
/// (linux/netfilter/nf_tables.h). The kernel answers with ENOENT for what is not there.</summary>
public static class NftQueryCodec
{
    internal const int NewGeneration = 15;

    private const int GetTable = 1;
    private const int GetChain = 4;
    private const int GetGeneration = 16;
    private const int GenerationId = 1;
    private const int TableName = 1;
    private const int ChainTable = 1;
    private const int ChainName = 3;

    /// <summary>Asks for the number that every transaction raises: where it is the same, so are the rules.</summary>
    public static void WriteGeneration(NetlinkWriter writer)
    {
        NetfilterCodec.Begin(writer, GetGeneration, IpFamily.V4, NetlinkFlags.None);
        writer.End();
    }

    public static uint ReadGeneration(ReadOnlySpan<byte> payload)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, NetfilterCodec.BodyBytes))
            if (attribute.Type == GenerationId) return attribute.U32BigEndian;
        throw new NetlinkFormatException("a generation of nftables without its number");
    }

    /// <summary>Asks for the names of all tables.</summary>
    public static void WriteTables(NetlinkWriter writer)
    {
        NetfilterCodec.Begin(writer, GetTable, (byte)0, NetlinkFlags.Dump);
        writer.End();
    }

    public static NftTableName ReadTable(ReadOnlySpan<byte> payload)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, NetfilterCodec.BodyBytes))
            if (attribute.Type == TableName) return new(NetfilterCodec.FamilyWord(payload[0]), attribute.Text);
        throw new NetlinkFormatException("a table of nftables without its name");
    }

    /// <summary>Asks for a table of family inet.</summary>
    public static void WriteInetTable(NetlinkWriter writer, string table)
    {
        NetfilterCodec.Begin(writer, GetTable, NetfilterCodec.Inet, NetlinkFlags.None);
        writer.Text(TableName, table);
        writer.End();
    }

    public static void WriteChain(NetlinkWriter writer, IpFamily family, string table, string chain)
    {
        NetfilterCodec.Begin(writer, GetChain, family, NetlinkFlags.None);
        writer.Text(ChainTable, table);
        writer.Text(ChainName, chain);
        writer.End();
    }
}

/// <summary>A table of nftables.</summary>
/// <param name="Family">As nft says it: <c>inet</c>, <c>ip</c>, <c>ip6</c>, <c>bridge</c>, ...</param>
public sealed record NftTableName(string Family, string Name);
