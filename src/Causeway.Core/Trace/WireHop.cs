using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Trace;

/// <summary>Question: does it arrive at the other side? Every device on the way is up, and large enough.</summary>
internal static class WireHop
{
    // A veth and a bridge port take frames of their MTU and one VLAN tag more (is_skb_forwardable).
    private const int Tolerance = 4;

    public static IEnumerable<Finish> Cross(Trail trail, SegmentEnd end)
    {
        foreach (var step in end.Way)
        {
            var at = trail.At(trail.World.Hosts[step.Host]);
            if (at.Host.State.Link(step.Device) is not { Up: true })
                return [DeviceHop.NotUsable(at, step.Device)!];
            if ((FilterHop.Unreadable(at, step.Device) ?? FrameFilters(at, step.Device)) is { } unknown) return [unknown];
        }
        foreach (var step in end.Way)
        {
            var link = trail.World.Link(step)!;
            if (link is { Mtu: { } mtu, Kind: "veth" or "bridge" })
                trail = trail.At(trail.World.Hosts[step.Host])
                    .Limit(step.Device, mtu + Tolerance, link.ToString(), leaving: false);
        }
        var over = end.Way.Length > 1 ? $", over {string.Join(", ", end.Way.SkipLast(1))}" : "";
        var far = trail.At(trail.World.Hosts[end.End.Host]);
        far = far with { Packet = far.Packet with { Mark = 0 }, Track = null };
        return ReceiveHop.Receive(
            far.Log("wire", $"arrives at {far.Host.Title} on {end.End.Device}{over}",
                far.Host.State.Link(end.End.Device)),
            end.End.Device);
    }

    /// <summary>Nothing in the world has the next hop: what happens there was not captured.</summary>
    public static IEnumerable<Finish> LeaveCluster(Trail trail, Link link, IpAddress nextHop)
    {
        var message = $"{trail.Packet.Destination} is outside: the packet leaves through {link.Name} to {nextHop}";
        var cause = new Cause(CauseCode.LeavesCluster, $"{trail.Host.Title}: {message}", trail.Host.Node,
            link.ToString(), "what lies beyond was not captured: look at the machine with the next hop's address");
        var left = trail.Log("wire", message, link) with { LeftBy = new(trail.Host.Name, link.Name) };
        return [left.Finish(Disposition.LeavesCluster, cause)];
    }

    // What decides over frames is not followed: tables for frames, and bridges that show theirs to the packets' rules.
    private static Finish? FrameFilters(Trail at, string device)
    {
        var bridge = at.Host.State.Link(device) is { Kind: "bridge" }
            && at.Host.Setting("net/bridge/bridge-nf-call-iptables") is > 0;
        return at.Host.State.All<NftTable>()
            .Where(t => t.Chains.Any(c => c.Hook is not null)
                && (t.Family is "bridge" or "netdev" or "arp" || (bridge && t.Chains.Any(c => c.Rules.Length > 0))))
            .Select(t => at.Stop(CauseCode.RuleUnknown, "filter",
                $"table {t.Family} {t.Name} may filter frames, which this program does not follow", t,
                "read the table by hand"))
            .FirstOrDefault();
    }
}
