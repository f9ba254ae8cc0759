using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Netfilter;

/// <summary>The connection tracking table of a namespace.</summary>
/// <param name="socket">Of nfnetlink, in the namespace.</param>
public sealed class ConntrackTable(NetlinkSocket socket)
{
    /// <summary>The kernel walks its table once for each question: for more than these, once for all.</summary>
    private const int MostQuestions = 8;

    /// <summary>Entries that a filter holds. Throws <see cref="NetlinkException"/>.</summary>
    public IReadOnlyList<ConntrackFlow> List(ConntrackFilter filter) => socket.Dump(
        "cannot list tracked connections", writer => ConntrackCodec.WriteDump(writer, filter),
        payload => ConntrackCodec.Read(payload) is { } flow && filter.Holds(flow) ? flow : null);

    /// <summary>Forgets flows; how many there were. The kernel is asked for the flows concerned, not for its
    /// table. Throws <see cref="NetlinkException"/>.</summary>
    public int Delete(IReadOnlyCollection<StaleFlows> stale) =>
        stale.GroupBy(s => s.Family).Sum(family => Delete(family.Key, [.. family]));

    private int Delete(IpFamily family, StaleFlows[] stale)
    {
        List<ConntrackFlow> flows = [];
        if (stale.Length <= MostQuestions)
        {
            foreach (var item in stale) flows.AddRange(List(item.Filter).Where(item.Holds));
        }
        else
        {
            var byPlace = stale.ToDictionary(s => (s.Address, s.Port));
            flows.AddRange(List(new(family, TransportProtocol.Udp.Number(family))).Where(flow =>
                Holds(byPlace.GetValueOrDefault((flow.Original.Destination, flow.Original.DestinationPort)), flow)
                || Holds(byPlace.GetValueOrDefault((null, flow.Original.DestinationPort)), flow)));
        }
        return Delete(flows);
    }

    private static bool Holds(StaleFlows? stale, ConntrackFlow flow) => stale?.Holds(flow) ?? false;

    private int Delete(List<ConntrackFlow> flows)
    {
        if (flows.Count == 0) return 0;
        var batch = new NetlinkBatch();
        foreach (var flow in flows) batch.Add(writer => ConntrackCodec.WriteDelete(writer, flow));
        foreach (var (_, ack) in socket.Execute(batch))
        {
            // Gone by itself meanwhile.
            if (ack.Error != Errno.NoEntry) throw new NetlinkException("cannot forget a tracked connection", ack);
        }
        return flows.Count;
    }
}
