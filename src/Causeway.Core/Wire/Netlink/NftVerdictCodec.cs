namespace Causeway.Core.Wire.Netlink;

/// <summary>Verdicts, as rules and elements hold them.</summary>
internal static class NftVerdictCodec
{
    private const int DataVerdict = 2;
    private const int VerdictCode = 1;
    private const int VerdictChain = 2;
    private const int Goto = -4;
    private const int Jump = -3;

    public static void WriteGoto(NetlinkWriter writer, int type, string chain) => Write(writer, type, Goto, chain);

    public static void WriteJump(NetlinkWriter writer, int type, string chain) => Write(writer, type, Jump, chain);

    /// <summary>A verdict that leads to no chain.</summary>
    /// <param name="code">NF_DROP, NF_ACCEPT, NFT_RETURN.</param>
    public static void WriteEnd(NetlinkWriter writer, int type, int code) => Write(writer, type, code, null);

    private static void Write(NetlinkWriter writer, int type, int code, string? chain)
    {
        var data = writer.BeginNested(type | NetlinkWriter.NestedFlag);
        var verdict = writer.BeginNested(DataVerdict | NetlinkWriter.NestedFlag);
        writer.I32BigEndian(VerdictCode, code);
        if (chain is not null) writer.Text(VerdictChain, chain);
        writer.EndNested(verdict);
        writer.EndNested(data);
    }

    /// <summary>Where a verdict leads; null where the data is no verdict, or one without a chain.</summary>
    public static string? ReadChain(NetlinkAttribute data)
    {
        foreach (var verdict in data.Nested)
        {
            if (verdict.Type != DataVerdict) continue;
            foreach (var part in verdict.Nested)
                if (part.Type == VerdictChain) return part.Text;
        }
        return null;
    }
}
