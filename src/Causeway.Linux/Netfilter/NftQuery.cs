using Causeway.Core.Addressing;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Netfilter;

/// <summary>Asks nftables what takes no listing, by one message each: the start of a tool costs a thousand
/// times as much.</summary>
public static class NftQuery
{
    /// <summary>The ruleset's number, which every transaction raises; null where the kernel has no
    /// nftables.</summary>
    public static uint? Generation(NetlinkSocket socket)
    {
        try
        {
            return socket.Ask(
                "cannot ask for the ruleset's generation", NftQueryCodec.WriteGeneration,
                static payload => new Box(NftQueryCodec.ReadGeneration(payload))).Value;
        }
        catch (NetlinkException)
        {
            return null;
        }
    }

    /// <summary>Null where the kernel has no nftables.</summary>
    public static List<NftTableName>? Tables(NetlinkSocket socket)
    {
        try
        {
            return socket.Dump("cannot list tables", NftQueryCodec.WriteTables, NftQueryCodec.ReadTable);
        }
        catch (NetlinkException)
        {
            return null;
        }
    }

    /// <summary>False too where the kernel has no nftables.</summary>
    public static bool HasInetTable(NetlinkSocket socket, string table) =>
        Has(socket, $"cannot find table {table}", writer => NftQueryCodec.WriteInetTable(writer, table));

    /// <summary>False too where the kernel has no nftables.</summary>
    public static bool HasChain(NetlinkSocket socket, IpFamily family, string table, string chain) =>
        Has(socket, $"cannot find chain {chain}", writer => NftQueryCodec.WriteChain(writer, family, table, chain));

    private static bool Has(NetlinkSocket socket, string what, Action<NetlinkWriter> question)
    {
        try
        {
            socket.Ask(what, question, static _ => "");
            return true;
        }
        catch (NetlinkException e) when (e.Errno is Errno.NoEntry or Errno.Invalid or Errno.NotSupported)
        {
            return false;
        }
    }

    private sealed record Box(uint Value);
}
