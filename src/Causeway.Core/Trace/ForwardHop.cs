using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>A packet for somebody else: the forwarding setting, the time to live, the forward hook, then out.</summary>
internal static class ForwardHop
{
    public static IEnumerable<Finish> Forward(Decision decision, string device)
    {
        var trail = decision.Trail;
        if (Disabled(trail, device) is { } off) return [off];
        if (trail.Packet.Ttl <= 1)
            return [trail.Stop(CauseCode.TtlExceeded, "route", "the time to live ran out", "",
                "look for a loop in the hops above")];
        trail = trail with { Packet = trail.Packet with { Ttl = trail.Packet.Ttl - 1 } };
        return RouteHop.Ways(decision with { Trail = trail }).SelectMany(way => Through(way, device));
    }

    /// <summary>
    /// The setting that counts: IPv4 has one per incoming device, IPv6 one for all (ip6_forward).
    /// </summary>
    public static (string Path, int? Value) Setting(Host host, IpFamily family, string device)
    {
        var all = family == IpFamily.V4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding";
        var own = $"net/ipv4/conf/{device}/forwarding";
        return family == IpFamily.V4 && host.State.Sysctl(own) is not null
            ? (own, host.Setting(own))
            : family == IpFamily.V4 && host.State.Sysctl(all) is null
                ? ("net/ipv4/conf/all/forwarding", host.Setting("net/ipv4/conf/all/forwarding"))
                : (all, host.Setting(all));
    }

    private static Finish? Disabled(Trail trail, string device)
    {
        var (path, value) = Setting(trail.Host, trail.Packet.Family, device);
        return value switch
        {
            > 0 => null,
            0 => trail.Stop(CauseCode.ForwardingOff, "setting",
                $"does not forward {trail.Packet.Family.SysctlName} from {device}",
                $"{path} = 0", Fix.Here(trail.Host, Fix.Set(path, "1")),
                trail.Host.Plan[new(EntryKind.Sysctl, path)]?.Origin),
            _ => trail.Stop(CauseCode.SettingUnknown, "setting", $"{path} was not captured", "",
                "capture the forwarding settings"),
        };
    }

    private static IEnumerable<Finish> Through(Way way, string device) =>
        FilterHop.Pass(way.Trail, "forward", device, way.Device, null,
            passed => TransmitHop.AfterRouting(way with { Trail = passed }, device));
}
