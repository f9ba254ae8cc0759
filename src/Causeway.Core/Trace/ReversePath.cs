using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>
/// IPv4 source validation: martians, and the reverse path filter of RFC 3704 as Linux has it
/// (<c>rp_filter</c>: 1 strict, 2 loose; the larger of the device's and <c>all</c> counts). IPv6 has none.
/// </summary>
internal static class ReversePath
{
    private const int Strict = 1;

    public static Finish? Refuses(Trail trail, string device)
    {
        var source = trail.Packet.Source;
        if (source.Family == IpFamily.V6) return null;
        var host = trail.Host;
        if (host.Owning(source) is { } own && !Accepts(host, device))
            return trail.Stop(CauseCode.MartianSource, "setting",
                $"a packet from {source}, which is this host's own address, came in on {device}", own,
                "find who else uses the address");
        if (Mode(host, device) is not { } mode)
            return trail.Stop(CauseCode.SettingUnknown, "setting", $"rp_filter of {device} was not captured", "",
                "capture the settings under net/ipv4/conf");
        if (mode == 0) return null;
        var flow = new Flow(source, null, Flow.Local);
        var back = RouteLookup.Find(host.State, flow);
        if (back.Unreadable is { } rule)
            return trail.Stop(CauseCode.RuleUnknown, "setting",
                $"whether {source} passes rp_filter={mode} on {device} hangs on a policy rule that is not read", rule,
                "read the rule by hand");
        return Fails(host, device, source, mode, back.Route) is { } evidence
            ? Deviations.OfRoute(trail, flow, back.Route).Stop(CauseCode.ReversePath, "setting",
                $"rp_filter={mode} on {device} drops what comes from {source}: {evidence}",
                $"net.ipv4.conf.{device}.rp_filter = {mode}; {evidence}",
                Fix.Here(host, Fix.Set($"net/ipv4/conf/{device}/rp_filter", "0")
                    + " (and net.ipv4.conf.all.rp_filter), or correct the route back"))
            : null;
    }

    // Null when a setting is missing from the capture.
    private static int? Mode(Host host, string device) =>
        host.Setting("net/ipv4/conf/all/rp_filter") is { } all
        && host.Setting($"net/ipv4/conf/{device}/rp_filter") is { } own ? Math.Max(all, own) : null;

    // Why a source does not pass, or null when it does.
    private static string? Fails(Host host, string device, IpAddress source, int mode, Route? back)
    {
        if (back is null) return $"no route back to {source}";
        if (back.Kind != RouteKind.Unicast) return $"the route back is {back}";
        if (RouteLookup.WaysOut(back).Any(w => w.Device == device)) return null;
        // In loose mode a device without any address still fails (fib_validate_source).
        var bare = !host.AddressesOn(device).Any(a => a.Address.Address.Family == IpFamily.V4);
        return mode == Strict || bare ? $"the route back leaves elsewhere: {back}" : null;
    }

    private static bool Accepts(Host host, string device) =>
        host.Setting("net/ipv4/conf/all/accept_local") is > 0
        || host.Setting($"net/ipv4/conf/{device}/accept_local") is > 0;
}
