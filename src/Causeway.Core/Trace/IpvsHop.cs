using Causeway.Core.Dataplane.Ipvs;
using Causeway.Core.Trace.Rulesets;

namespace Causeway.Core.Trace;

/// <summary>A virtual server takes a packet for one of the host's addresses: one branch per real server.</summary>
internal static class IpvsHop
{
    private static readonly string[] Weighted = ["wrr", "wlc", "sed", "mh", "sh", "dh", "wlib"];

    /// <summary>Null when no virtual server takes the packet.</summary>
    public static IEnumerable<Finish>? Take(Trail trail)
    {
        if (trail.Packet.Inner is not null || trail.Track?.Answered is not null) return null;
        if (Find(trail) is not { } server) return null;
        var willing = server.Servers.Where(s => s.Weight > 0).ToList();
        if (willing.Count == 0)
            return [trail.Stop(CauseCode.NoEndpoints, "ipvs",
                $"the virtual server for {Translation.Place(trail.Packet.Destination, trail.Packet.DestinationPort)} "
                    + "has no real server that takes connections", server,
                "see why no pod of the service is ready: kubectl get endpointslices, and the pods' probes")];
        double total = Weighted.Contains(server.Scheduler) ? willing.Sum(s => s.Weight) : willing.Count;
        return willing.SelectMany(real =>
            Send(trail, server, real, (Weighted.Contains(server.Scheduler) ? real.Weight : 1) / total));
    }

    private static VirtualServer? Find(Trail trail)
    {
        var packet = trail.Packet;
        var all = trail.Host.State.All<VirtualServer>().ToList();
        return all.Find(s => s.Mark > 0 && s.Mark == packet.Mark)
            ?? all.Find(s => Fits(s, packet) && s.Port == packet.DestinationPort)
            ?? all.Find(s => Fits(s, packet) && s.Port == 0);
    }

    private static bool Fits(VirtualServer server, Packet packet) => server.Mark == 0
        && server.Address == packet.Destination && server.Protocol == packet.Protocol;

    private static IEnumerable<Finish> Send(Trail trail, VirtualServer server, RealServer real, double share)
    {
        if (real.Method is not ("Masq" or "Local"))
            return [trail.Stop(CauseCode.RuleUnknown, "ipvs",
                $"real servers reached by {real.Method} are not followed", $"{server} {real}", "look at it by hand")];
        var packet = trail.Packet with
        {
            Destination = real.Address,
            DestinationPort = real.Port == 0 ? trail.Packet.DestinationPort : real.Port,
        };
        var stays = server.Persistence is { } seconds ? $"; a client stays with its server for {seconds} s" : "";
        var hop = share < 1 ? $", for {share:0.##%} of flows by {server.Scheduler}" : "";
        trail = trail.Log("ipvs", $"translates {Translation.Place(trail.Packet.Destination, trail.Packet.DestinationPort)} to "
            + $"{Translation.Place(packet.Destination, packet.DestinationPort)}{hop}{stays}", $"{server} {real}");
        return OriginateHop.Onward(trail with
        {
            Packet = packet, Probability = trail.Probability * share,
            Track = trail.Track is null ? null : trail.Track with { DestinationDone = true },
        });
    }
}
