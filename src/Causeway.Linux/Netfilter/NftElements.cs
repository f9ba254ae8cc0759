using Causeway.Core.Addressing;
using Causeway.Core.Services.Nftables;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Netfilter;

/// <summary>
/// The elements of the sets and maps of one nftables table: read and changed by netlink. One change costs the
/// kernel's own microseconds, whatever the size of the sets. Calls may come from any thread.
/// </summary>
public sealed class NftElements(NetlinkSocket socket, IpFamily family, string table)
{
    /// <summary>The attribute that holds a message's elements has 16 bits for its length.</summary>
    private const int MessageBytes = 60_000;

    /// <summary>What one transaction may hold: the kernel works through it without a pause.</summary>
    private const int TransactionBytes = 8 * 1024 * 1024;

    private readonly NetlinkWriter _writer = new(64 * 1024);

    /// <summary>
    /// Deletes and adds, in one transaction unless there is too much for one; then deletions come first, and no
    /// set is left half changed for longer than the milliseconds between two. Throws
    /// <see cref="NetlinkException"/>: what was refused is not done.
    /// </summary>
    public void Change(IReadOnlyCollection<NftElementKey> delete, IReadOnlyCollection<NftElement> add)
    {
        lock (_writer)
        {
            NetfilterCodec.WriteBegin(_writer);
            foreach (var set in delete.GroupBy(k => k.Set, StringComparer.Ordinal))
                Write(set.Key, set.Select(key => new NftElement(key, default)), delete: true);
            foreach (var set in add.GroupBy(e => e.Key.Set, StringComparer.Ordinal))
                Write(set.Key, set, delete: false);
            Commit();
        }
    }

    /// <summary>All elements of a set; while the kernel makes room in a large one that grew, some may be missing,
    /// and are there when it is read again. Throws <see cref="NetlinkException"/>, also when there is no such
    /// set.</summary>
    public Dictionary<NftElementKey, NftElementValue> Read(string set)
    {
        var found = new Dictionary<NftElementKey, NftElementValue>();
        Dump(set, element => found[KeyOf(set, element)] = ValueOf(element));
        return found;
    }

    /// <summary>How often each element of a set was met. Throws <see cref="NetlinkException"/>.</summary>
    public Dictionary<NftElementKey, (ulong Packets, ulong Bytes)> Count(string set)
    {
        var counts = new Dictionary<NftElementKey, (ulong, ulong)>();
        Dump(set, element => counts[KeyOf(set, element)] = (element.Packets, element.Bytes));
        return counts;
    }

    private void Dump(string set, NftElementCodec.Taker take) => socket.Dump<string>(
        $"cannot list set {set} of table {table}",
        writer => NftElementCodec.WriteDump(writer, family, table, set),
        payload =>
        {
            NftElementCodec.Read(payload, take);
            return null;
        });

    private void Write(string set, IEnumerable<NftElement> elements, bool delete)
    {
        var (start, list) = (-1, 0);
        foreach (var element in elements)
        {
            if (start >= 0 && _writer.Length - start > MessageBytes)
            {
                NftElementCodec.End(_writer, list);
                start = -1;
                if (_writer.Length > TransactionBytes)
                {
                    Commit();
                    NetfilterCodec.WriteBegin(_writer);
                }
            }
            if (start < 0)
            {
                start = _writer.Length;
                list = NftElementCodec.Begin(_writer, family, table, set, delete);
            }
            NftElementCodec.Add(_writer, new()
            {
                Key = element.Key.Key.Bytes,
                End = element.Key.End.Bytes,
                Data = element.Value.Data.Bytes,
                Chain = element.Value.Chain,
                Comment = element.Value.Comment,
            });
        }
        if (start >= 0) NftElementCodec.End(_writer, list);
    }

    private void Commit()
    {
        NetfilterCodec.WriteEnd(_writer);
        try
        {
            socket.Commit($"cannot change the elements of table {table}", _writer);
        }
        finally
        {
            _writer.Clear();
        }
    }

    private static NftElementKey KeyOf(string set, NftWireElement element) =>
        new(set, NftData.FromBytes(element.Key), NftData.FromBytes(element.End));

    private static NftElementValue ValueOf(NftWireElement element) => element.Chain is { } chain
        ? NftElementValue.Goto(chain, element.Comment)
        : NftElementValue.Of(NftData.FromBytes(element.Data));
}
