using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Kernel;

/// <summary>Our own table of nftables as last read. The tool that lists it is asked only when the table is there and
/// the ruleset has had a transaction since: its start costs more than all the rest of a look at a node.</summary>
internal sealed class OwnTable(KernelDriver driver) : IDisposable
{
    private readonly Lock _lock = new();
    private NetlinkSocket? _socket;
    private uint? _generation;
    private int _doubts;
    private long _writer = -1;
    private List<Entry>? _entries;

    private NetlinkSocket Socket => _socket ??= driver.Inside(static () => NetlinkSocket.OpenNetfilter(null));

    /// <summary>The table, if it is there; an <see cref="UnknownState"/> where it cannot be read.</summary>
    public List<Entry> Read()
    {
        var socket = Socket;
        // Before the reading: what changes meanwhile is read again the next time.
        var doubts = Volatile.Read(ref _doubts);
        var generation = NftQuery.Generation(socket);
        lock (_lock)
            if (_entries is { } known && generation is not null && generation == _generation) return known;
        var entries = generation is not null && !NftQuery.HasInetTable(socket, Ownership.NftTableName)
            ? []
            : PacketFilters.ReadOurs(driver);
        lock (_lock)
        {
            _entries = entries.Exists(e => e is UnknownState) || doubts != _doubts ? null : entries;
            _generation = doubts == _doubts ? generation : null;
        }
        return entries;
    }

    /// <summary>News were lost: the next transaction may have touched the table without its being told.</summary>
    public void Doubt()
    {
        lock (_lock)
        {
            _doubts++;
            (_entries, _generation) = (null, null);
        }
    }

    /// <summary>A transaction of somebody's that did not touch the table. One that is not told of leaves a gap, and the
    /// table is listed again.</summary>
    /// <param name="generation">The ruleset's number since then.</param>
    public void Pass(uint generation)
    {
        lock (_lock)
            if (_generation is { } before && generation == before + 1) _generation = generation;
    }

    /// <summary>Carries a transaction of nftables out. Throws <see cref="NetlinkException"/>.</summary>
    /// <param name="now">The table from then on; null for a transaction that does not touch it.</param>
    public void Commit(string what, NetlinkWriter transaction, List<Entry>? now)
    {
        // Before the news of it come.
        WrittenBy(Socket.Port);
        Socket.Commit(what, transaction);
        if (now is null) return;
        var generation = NftQuery.Generation(Socket);
        lock (_lock)
        {
            // Nobody else's came between.
            _entries = _generation is { } before && generation == before + 1 ? now : null;
            _generation = generation;
        }
    }

    /// <summary>Notes the address of the socket that wrote the table for us.</summary>
    public void WrittenBy(uint port) => Volatile.Write(ref _writer, port);

    /// <summary>Whether a change is the last that we made.</summary>
    public bool Wrote(uint port) => Volatile.Read(ref _writer) == port;

    public void Dispose() => _socket?.Dispose();
}
