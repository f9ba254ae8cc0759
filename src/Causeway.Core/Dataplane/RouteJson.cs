using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary><c>ip -j -d route</c>.</summary>
internal static class RouteJson
{
    public static JsonObject Print(Route route)
    {
        var item = new JsonObject
        {
            ["type"] = route.Kind.ToString().ToLowerInvariant(),
            // The tool says "default" for both families; the gateway's family, or this word, tells which.
            ["dst"] = route.Destination.Length == 0 && route.Destination.Family == IpFamily.V4
                ? "default"
                : DataplaneText.Destination(route.Destination) is var text && text == "default" ? "::/0" : text,
        };
        PrintVia(item, route.Via, route.Destination.Family);
        item.AddIf("dev", route.Device);
        item["table"] = DataplaneText.TableName(route.Table);
        item["protocol"] = RouteNames.Protocol(route.Protocol);
        item["scope"] = DataplaneText.ScopeName(route.Scope);
        item.AddIf("prefsrc", route.PreferredSource?.ToString());
        if (route.Metric != 0) item["metric"] = route.Metric;
        item["flags"] = JsonField.Words((route.Onlink, "onlink"), (route.Down, "linkdown"));
        if (route.Mtu is { } mtu) item["metrics"] = new JsonArray(new JsonObject { ["mtu"] = mtu });
        if (route.Unknown is { } unknown) item["encap"] = unknown;
        if (route.NextHops.IsEmpty) return item;
        var hops = new JsonArray();
        foreach (var hop in route.NextHops) hops.Add((JsonNode)Print(hop, route.Destination.Family));
        item["nexthops"] = hops;
        return item;
    }

    public static Route Parse(JsonElement item)
    {
        var kind = RouteNames.Word<RouteKind>(item.Text("type") ?? "unicast");
        var via = Via(item);
        var metrics = item.TryGetProperty("metrics", out var list) ? list : default;
        return new Route
        {
            Destination = Destination(item.Required("dst"), FamilyOf(item)),
            Kind = kind,
            Via = via,
            Device = kind is RouteKind.Blackhole or RouteKind.Unreachable or RouteKind.Prohibit or RouteKind.Throw
                ? null
                : item.Text("dev"),
            PreferredSource = item.Address("prefsrc"),
            Metric = item.UInt("metric"),
            Table = RouteNames.Table(item.Text("table") ?? "main"),
            Protocol = RouteNames.Protocol(item.Text("protocol") ?? "boot"),
            Scope = RouteNames.Scope(item.Text("scope") ?? "global"),
            Onlink = item.Flag("flags", "onlink"),
            Down = item.Flag("flags", "linkdown") || item.Flag("flags", "dead"),
            Mtu = metrics.ValueKind == JsonValueKind.Array
                ? metrics.EnumerateArray().Select(m => m.Int("mtu")).FirstOrDefault(m => m is not null)
                : null,
            NextHops = item.TryGetProperty("nexthops", out var hops)
                ? [.. DataplaneJson.Each(hops, ParseHop)]
                : [],
            Unknown = Unknown(item),
        };
    }

    private static JsonObject Print(NextHop hop, IpFamily family)
    {
        var item = new JsonObject();
        PrintVia(item, hop.Via, family);
        item.AddIf("dev", hop.Device);
        item["weight"] = hop.Weight;
        item["flags"] = JsonField.Words((hop.Onlink, "onlink"), (hop.Down, "linkdown"));
        return item;
    }

    private static NextHop ParseHop(JsonElement item) => new(
        item.Text("dev"), Via(item), item.Flag("flags", "onlink"), item.Int("weight") ?? 1,
        item.Flag("flags", "linkdown") || item.Flag("flags", "dead"));

    private static void PrintVia(JsonObject item, IpAddress? via, IpFamily family)
    {
        if (via is not { } address) return;
        if (address.Family == family) item["gateway"] = address.ToString();
        else
        {
            item["via"] = new JsonObject
            {
                ["family"] = address.Family == IpFamily.V4 ? "inet" : "inet6", ["host"] = address.ToString(),
            };
        }
    }

    private static IpAddress? Via(JsonElement item) => item.TryGetProperty("via", out var other)
        ? IpAddress.Parse(other.Required("host"))
        : item.Address("gateway");

    private static Prefix Destination(string text, IpFamily family)
    {
        if (text == "default") return Prefix.Default(family);
        return IpAddress.TryParse(text, out var host) ? host.Host : Prefix.Parse(text);
    }

    /// <summary>The family of a default route: that of its gateway or source; <c>pref</c> is printed for IPv6
    /// only.</summary>
    private static IpFamily FamilyOf(JsonElement item) =>
        item.Address("gateway")?.Family ?? item.Address("prefsrc")?.Family
            ?? (item.Has("pref") ? IpFamily.V6 : IpFamily.V4);

    private static string? Unknown(JsonElement item)
    {
        var parts = ImmutableArray.CreateBuilder<string>();
        foreach (var name in new[] { "from", "tos", "encap" })
        {
            if (item.TryGetProperty(name, out var value))
                parts.Add(name == "encap" ? value.ToString() : $"{name} {value}");
        }
        return parts.Count == 0 ? null : string.Join(' ', parts);
    }
}
