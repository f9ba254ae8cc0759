using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>Entries in the words of the kernel's own tools (iproute2), one line each: evidence that an operator can
/// compare with what <c>ip</c> and <c>bridge</c> print.</summary>
public static class DataplaneText
{
    public static string Print(Entry entry) => entry switch
    {
        Link link => PrintLink(link),
        LinkAddress address => PrintAddress(address),
        Route route => PrintRoute(route),
        Rule rule => PrintRule(rule),
        Neighbour neighbour => PrintNeighbour(neighbour),
        FdbEntry fdb => PrintFdb(fdb),
        _ => entry.ToString(),
    };

    /// <summary>The name that <c>ip</c> gives a routing table.</summary>
    public static string TableName(uint table) => table switch
    {
        Route.MainTable => "main",
        Route.LocalTable => "local",
        253 => "default",
        _ => table.ToString(CultureInfo.InvariantCulture),
    };

    private static string PrintLink(Link link)
    {
        var text = new StringBuilder();
        if (link.Index > 0) text.Append(CultureInfo.InvariantCulture, $"{link.Index}: ");
        string[] flags = [.. link.Up ? ["UP"] : Array.Empty<string>(), .. link.Carrier == true ? ["LOWER_UP"] : Array.Empty<string>()];
        text.Append(CultureInfo.InvariantCulture, $"{link.Name}: <{string.Join(',', flags)}>");
        Word(text, "mtu", link.Mtu);
        Word(text, "master", link.Master);
        Word(text, "link/ether", link.Mac);
        Word(text, "link-index", link.PeerIndex);
        Word(text, "link-netnsid", link.PeerNamespaceId);
        if (link.Kind.Length > 0) text.Append(' ').Append(link.Kind);
        if (link.Vxlan is not { } vxlan) return text.ToString();
        Word(text, "id", vxlan.Vni);
        Word(text, "local", vxlan.Local);
        Word(text, "dev", vxlan.Device);
        Word(text, "dstport", vxlan.Port);
        if (!vxlan.Learning) text.Append(" nolearning");
        return text.ToString();
    }

    private static string PrintAddress(LinkAddress address)
    {
        var word = address.Address.Address.Family == IpFamily.V4 ? "inet" : "inet6";
        var state = address.Usable ? "" : " tentative";
        return $"{word} {address.Address} scope {ScopeName(address.Scope)}{state} {address.Device}";
    }

    private static string PrintRoute(Route route)
    {
        var text = new StringBuilder();
        if (route.Kind != RouteKind.Unicast) text.Append(route.Kind.ToString().ToLowerInvariant()).Append(' ');
        text.Append(Destination(route.Destination));
        Via(text, route.Destination.Family, route.Via);
        Word(text, "dev", route.Device);
        if (route.Table != Route.MainTable) Word(text, "table", TableName(route.Table));
        if (route.Protocol != 0) Word(text, "proto", RouteNames.Protocol(route.Protocol));
        if (route.Scope is not Scope.Global) Word(text, "scope", ScopeName(route.Scope));
        Word(text, "src", route.PreferredSource);
        if (route.Metric != 0) Word(text, "metric", route.Metric);
        Word(text, "mtu", route.Mtu);
        if (route.Onlink) text.Append(" onlink");
        if (route.Down) text.Append(" linkdown");
        foreach (var hop in route.NextHops)
        {
            text.Append(" nexthop");
            Via(text, route.Destination.Family, hop.Via);
            Word(text, "dev", hop.Device);
            Word(text, "weight", hop.Weight);
            if (hop.Onlink) text.Append(" onlink");
            if (hop.Down) text.Append(" linkdown");
        }
        return text.ToString();
    }

    private static string PrintRule(Rule rule)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{rule.Priority}:");
        if (rule.Invert) text.Append(" not");
        Word(text, "from", rule.From is { } from ? Destination(from) : "all");
        Word(text, "to", rule.To is { } to ? Destination(to) : null);
        if (rule.MarkMask != 0)
        {
            Word(text, "fwmark", rule.MarkMask == uint.MaxValue
                ? $"0x{rule.Mark:x}" : $"0x{rule.Mark:x}/0x{rule.MarkMask:x}");
        }
        Word(text, "iif", rule.InputDevice);
        Word(text, "oif", rule.OutputDevice);
        Word(text, null, rule.Unknown);
        return text.Append(rule.Action switch
        {
            RuleAction.Lookup => $" lookup {TableName(rule.Table)}",
            RuleAction.Goto => $" goto {rule.Table}",
            _ => " " + rule.Action.ToString().ToLowerInvariant(),
        }).ToString();
    }

    private static string PrintNeighbour(Neighbour neighbour)
    {
        var text = new StringBuilder(neighbour.Address.ToString());
        Word(text, "dev", neighbour.Device);
        Word(text, "lladdr", neighbour.Mac);
        return text.Append(neighbour.Proxy ? " proxy" : " " + StateName(neighbour.State)).ToString();
    }

    private static string PrintFdb(FdbEntry fdb)
    {
        var text = new StringBuilder(fdb.Mac.ToString());
        Word(text, "dev", fdb.Device);
        Word(text, "dst", fdb.Destination);
        Word(text, "vlan", fdb.Vlan);
        if (fdb.Self) text.Append(" self");
        Word(text, "master", fdb.Master);
        if (fdb.State.HasFlag(NeighbourState.Permanent)) text.Append(" permanent");
        return text.ToString();
    }

    internal static string StateName(NeighbourState state) => string.Join(
        ',', state.ToString().ToUpperInvariant().Split(", "));

    internal static string ScopeName(Scope scope) => scope.ToString().ToLowerInvariant();

    internal static string Destination(Prefix prefix) =>
        prefix.Length == 0 ? "default" : prefix.IsHost ? prefix.Address.ToString() : prefix.ToString();

    private static void Via(StringBuilder text, IpFamily family, IpAddress? via)
    {
        if (via is not { } address) return;
        if (address.Family != family) text.Append(family == IpFamily.V4 ? " via inet6 " : " via inet ");
        else text.Append(" via ");
        text.Append(address);
    }

    private static void Word<T>(StringBuilder text, string? word, T? value)
    {
        if (value is null) return;
        if (word is not null) text.Append(' ').Append(word);
        text.Append(CultureInfo.InvariantCulture, $" {value}");
    }
}
