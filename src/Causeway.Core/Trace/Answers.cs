using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>What a device on the link says to a question for an address.</summary>
/// <param name="Refusal">Why it keeps silent; null when it answers.</param>
/// <param name="Telling">The silence is a fault: it has the address, or it is a node and the asker its pod.</param>
internal sealed record Answer(string Words, Finish? Refusal, bool Telling);

/// <summary>
/// Who answers ARP (RFC 826, and proxy ARP as arp_process does it) and NDP (RFC 4861, proxies of section 7.2.8).
/// </summary>
internal static class Answers
{
    /// <param name="asker">The trail at the host that asks.</param>
    public static Answer Of(Trail asker, SegmentEnd end, IpAddress address)
    {
        var far = asker.At(asker.World.Hosts[end.End.Host]);
        var owned = far.Host.State.All<LinkAddress>().FirstOrDefault(a => a.Address.Address == address
            && (address.Family == IpFamily.V4 || a.Device == end.End.Device));
        var given = far.Host.Attachment?.Addresses.Contains(address)
            ?? far.Host.Plan.All<LinkAddress>().Any(a => a.Address.Address == address && a.Device == end.End.Device);
        var telling = owned is not null || given || asker.Host.Attachment?.Node == far.Host.Name;
        if (BlockedOn(asker, end) is { } blocked) return new("", blocked, telling);
        if (owned is { Usable: true } && ArpIgnored(far.Host, end.End.Device, owned) is { } ignored)
            return new("", far.Stop(CauseCode.NeighbourUnanswered, "setting",
                $"has {address} on {owned.Device}, but does not answer for it on {end.End.Device}", ignored,
                Fix.Here(far.Host, "set arp_ignore to 0")), true);
        if (owned is { Usable: true }) return new($"is {far.Host.Title}", null, true);
        if (given && far.Host.Attachment is not null) return new("", PodHop.Ready(far, address.Family).End, true);
        if (given) return new("", Lost(far, end.End.Device, address), true);
        var refusal = address.Family == IpFamily.V4
            ? ArpProxy(asker, far, end.End.Device, address)
            : NdpProxy(far, end.End.Device, address);
        return new($"is answered for by {far.Host.Title}, as a proxy", refusal, telling);
    }

    private static Finish Lost(Trail far, string device, IpAddress address)
    {
        var planned = far.Host.Plan.All<LinkAddress>().First(a => a.Address.Address == address);
        return far.Stop(CauseCode.AddressMissing, "address", $"{device} does not have {address}, which the node published",
            $"missing: {planned}", $"ip address add {planned.Address} dev {device}", planned.Origin);
    }

    // arp_ignore: from 1 on, only for addresses of the device that is asked (the larger of "all" and its own counts).
    private static string? ArpIgnored(Host host, string device, LinkAddress owned)
    {
        if (owned.Device == device || owned.Address.Address.Family == IpFamily.V6) return null;
        foreach (var path in new[] { "net/ipv4/conf/all/arp_ignore", $"net/ipv4/conf/{device}/arp_ignore" })
            if (host.Setting(path) is > 0 and var value) return $"{path} = {value}";
        return null;
    }

    private static Finish? BlockedOn(Trail asker, SegmentEnd end)
    {
        foreach (var step in end.Way)
        {
            var at = asker.At(asker.World.Hosts[step.Host]);
            var link = at.Host.State.Link(step.Device);
            if (link is null)
                return at.Stop(CauseCode.DeviceMissing, "device", $"there is no device {step.Device}", "",
                    "see why the device went away");
            if (!link.Up)
                return at.Stop(CauseCode.DeviceDown, "device", $"{step.Device} is down", link,
                    Fix.Up(at.Host, step.Device));
        }
        return null;
    }

    // A node answers for what it routes elsewhere, to whom it could route back to.
    private static Finish? ArpProxy(Trail asker, Trail far, string device, IpAddress address)
    {
        var host = far.Host;
        var sender = asker.Packet.Source;
        if (ReversePath.Refuses(far with { Packet = asker.Packet }, device) is { } refused) return refused;
        var answer = RouteLookup.Find(host.State, new(address, sender, device));
        if (answer.Unreadable is { } rule)
            return far.Stop(CauseCode.RuleUnknown, "neighbour",
                $"whether it answers ARP for {address} hangs on a policy rule that is not read", rule,
                "read the rule by hand");
        if (answer.Route is not { Kind: RouteKind.Unicast } route)
            return far.Stop(CauseCode.NoRoute, "neighbour",
                $"does not answer ARP for {address} on {device}, since it has no route to it",
                answer.Route?.ToString() ?? "", "give the node a default route");
        if (RouteLookup.WaysOut(route).Any(w => w.Device == device))
            return far.Stop(CauseCode.NeighbourUnanswered, "neighbour",
                $"does not answer ARP for {address}: its route leads back out of {device}", route,
                "see who wrote the route");
        var (path, forwards) = ForwardHop.Setting(host, IpFamily.V4, device);
        if (forwards != 1)
            return far.Stop(forwards is null ? CauseCode.SettingUnknown : CauseCode.ForwardingOff, "setting",
                $"does not forward ipv4 from {device}, so it does not answer ARP for {address} there",
                $"{path} = {forwards}", Fix.Set(path, "1"));
        return HasProxyEntry(host, device, address) ? null : Switch(far, "ipv4", "proxy_arp", device, address);
    }

    private static Finish? NdpProxy(Trail far, string device, IpAddress address)
    {
        var host = far.Host;
        var path = $"net/ipv6/conf/{device}/forwarding";
        var forwards = host.State.Sysctl(path) is null
            ? host.Setting("net/ipv6/conf/all/forwarding")
            : host.Setting(path);
        if (forwards is not > 0)
            return far.Stop(forwards is null ? CauseCode.SettingUnknown : CauseCode.ForwardingOff, "setting",
                $"does not forward ipv6 on {device}, so it does not answer NDP for {address} there",
                $"{path} = {forwards}", Fix.Set("net/ipv6/conf/all/forwarding", "1"));
        if (Switch(far, "ipv6", "proxy_ndp", device, address) is { } off) return off;
        if (HasProxyEntry(host, device, address)) return null;
        var proxy = new Neighbour { Device = device, Address = address, Proxy = true };
        return far.Stop(CauseCode.ProxyOff, "neighbour", $"has no NDP proxy entry for {address} on {device}",
            $"missing: {host.Plan[proxy.Key] ?? proxy}", Fix.Restore(host, proxy), host.Plan[proxy.Key]?.Origin);
    }

    private static Finish? Switch(Trail far, string family, string name, string device, IpAddress address)
    {
        var path = $"net/{family}/conf/{device}/{name}";
        var own = far.Host.Setting(path);
        if (own is > 0 || far.Host.Setting($"net/{family}/conf/all/{name}") is > 0) return null;
        var entry = new Sysctl(path, "1");
        return own is null
            ? far.Stop(CauseCode.SettingUnknown, "setting", $"{path} was not captured", "", "capture it")
            : far.Stop(CauseCode.ProxyOff, "setting",
                $"does not answer for {address} on {device}, since {name} is off there",
                $"{path} = {own}", Fix.Restore(far.Host, entry), far.Host.Plan[entry.Key]?.Origin);
    }

    private static bool HasProxyEntry(Host host, string device, IpAddress address) =>
        host.State.All<Neighbour>().Any(n => n.Proxy && n.Device == device && n.Address == address);
}
