using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;

namespace Causeway.Agent.Proxy;

/// <summary>The changes that we made to a ruleset: what the kernel tells of them is no news. A tool's socket has the tool's
/// process id for its address, and one change may be told more than once.</summary>
internal sealed class OwnChanges
{
    private const int Remembered = 64;

    private readonly Queue<uint> _ports = new();
    private uint _byTools;
    private uint? _others;

    /// <summary>By which we change nftables ourselves; null where the ruleset is not kept there.</summary>
    public NetlinkSocket? Socket { get; set; }

    /// <summary>A tool made a change for us.</summary>
    /// <param name="port">The address of its socket.</param>
    /// <param name="transactions">How many it took.</param>
    public void Add(uint port, int transactions = 1)
    {
        _byTools += (uint)transactions;
        _ports.Enqueue(port);
        if (_ports.Count > Remembered) _ports.Dequeue();
    }

    public bool Contains(uint port) => port == Socket?.Port || _ports.Contains(port);

    /// <summary>All is about to be read: only what others change from here on is news.</summary>
    public void BeginReading() => _others = Others();

    /// <summary>
    /// Whether nobody else changed anything since then, by the number of the kernel's transactions: where so much
    /// changed at once that the kernel dropped its news, it may all have been ours.
    /// </summary>
    public bool AreAll => _others is { } then && Others() == then;

    private uint? Others() =>
        Socket is { } socket && NftQuery.Generation(socket) is { } all ? all - socket.Commits - _byTools : null;
}
