using System.Buffers.Binary;

namespace Causeway.Core.Wire.Netlink;

/// <summary>The verdict <c>goto CHAIN</c>, as rules and elements hold it.</summary>
internal static class NftVerdictCodec
{
    private const int DataVerdict = 2;
    private const int VerdictCode = 1;
    private const int VerdictChain = 2;
    private const int Goto = -4;

    public static void WriteGoto(NetlinkWriter writer, int type, string chain)
    {
        var data = writer.BeginNested(type | NetlinkWriter.NestedFlag);
        var verdict = writer.BeginNested(DataVerdict | NetlinkWriter.NestedFlag);
        BinaryPrimitives.WriteInt32BigEndian(writer.Attribute(VerdictCode, sizeof(int)), Goto);
        writer.Text(VerdictChain, chain);
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
