using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Kernel;

/// <summary>Our own table of nftables as last read. The tool that lists it is asked only when the table is there and
/// the ruleset has had a transaction since: its start costs more than all the rest of a look at a node.</summary>
internal sealed class OwnTable(KernelDriver driver) : IDisposable
{
    private NetlinkSocket? _socket;
    private uint? _generation;
    private long _writer = -1;
    private List<Entry>? _entries;

    private NetlinkSocket Socket => _socket ??= driver.Inside(static () => NetlinkSocket.OpenNetfilter(null));

    /// <summary>The table, if it is there; an <see cref="UnknownState"/> where it cannot be read.</summary>
    public List<Entry> Read()
    {
        var socket = Socket;
        // Before the reading: what changes meanwhile is read again the next time.
        var generation = NftQuery.Generation(socket);
        if (_entries is { } known && generation is not null && generation == _generation) return known;
        var entries = generation is not null && !NftQuery.HasInetTable(socket, Ownership.NftTableName)
            ? []
            : PacketFilters.ReadOurs(driver);
        _entries = entries.Exists(e => e is UnknownState) ? null : entries;
        _generation = generation;
        return entries;
    }

    /// <summary>Carries a transaction of nftables out. Throws <see cref="NetlinkException"/>.</summary>
    public void Commit(string what, NetlinkWriter transaction)
    {
        // Before the news of it come.
        WrittenBy(Socket.Port);
        Socket.Commit(what, transaction);
    }

    /// <summary>Notes the address of the socket that wrote the table for us.</summary>
    public void WrittenBy(uint port) => Volatile.Write(ref _writer, port);

    /// <summary>Whether a change is the last that we made.</summary>
    public bool Wrote(uint port) => Volatile.Read(ref _writer) == port;

    public void Dispose() => _socket?.Dispose();
}
