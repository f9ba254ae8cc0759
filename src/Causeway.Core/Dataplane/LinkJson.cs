using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary><c>ip -j -d link</c>.</summary>
internal static class LinkJson
{
    public static JsonArray Print(IReadOnlyList<Link> links)
    {
        var array = new JsonArray();
        foreach (var link in links) array.Add((JsonNode)Print(link, links));
        return array;
    }

    public static List<Link> ParseAll(JsonElement root)
    {
        var links = DataplaneJson.Each(root, item => (Link: Parse(item), Other: item.Text("link")));
        var indexes = new Dictionary<string, int>();
        foreach (var (link, _) in links) indexes.TryAdd(link.Name, link.Index);
        return links.ConvertAll(l => l.Other is { } other && indexes.TryGetValue(other, out var index)
            ? l.Link with { PeerIndex = index }
            : l.Link);
    }

    private static JsonObject Print(Link link, IReadOnlyList<Link> links)
    {
        var item = new JsonObject { ["ifindex"] = link.Index };
        // The other end by name where it is in this namespace, else by its index there.
        if (link.PeerIndex is { } peer)
        {
            if (link.PeerNamespaceId is null && links.FirstOrDefault(l => l.Index == peer) is { } other)
                item["link"] = other.Name;
            else
                item["link_index"] = peer;
        }
        item["ifname"] = link.Name;
        item["flags"] = JsonField.Words(
            (link.Carrier == false, "NO-CARRIER"), (link.Up, "UP"), (link.Carrier == true, "LOWER_UP"));
        item.AddIf("mtu", link.Mtu);
        item.AddIf("master", link.Master);
        item.AddIf("address", link.Mac?.ToString());
        item.AddIf("link_netnsid", link.PeerNamespaceId);
        if (link.Kind.Length > 0)
        {
            var info = new JsonObject { ["info_kind"] = link.Kind };
            if (link.Vxlan is { } vxlan) info["info_data"] = Print(vxlan);
            item["linkinfo"] = info;
        }
        item.AddIf("ifalias", link.Alias);
        if (link.Xdp) item["xdp"] = new JsonObject();
        return item;
    }

    private static Link Parse(JsonElement item)
    {
        var hasInfo = item.TryGetProperty("linkinfo", out var info);
        var kind = hasInfo ? info.Text("info_kind") ?? "" : "";
        return new Link
        {
            Name = item.Required("ifname"),
            Index = item.Int("ifindex") ?? 0,
            Kind = kind,
            Mac = item.Mac("address"),
            Mtu = item.Int("mtu"),
            Up = item.Flag("flags", "UP"),
            Carrier = item.Flag("flags", "LOWER_UP"),
            Master = item.Text("master"),
            PeerIndex = item.Int("link_index"),
            PeerNamespaceId = item.Int("link_netnsid"),
            Vxlan = kind == "vxlan" && info.TryGetProperty("info_data", out var data) ? ParseVxlan(data) : null,
            Alias = item.Text("ifalias"),
            Xdp = item.Has("xdp"),
        };
    }

    private static JsonObject Print(VxlanSettings vxlan)
    {
        var data = new JsonObject { ["id"] = vxlan.Vni };
        if (vxlan.Local is { } local) data[local.Family == IpFamily.V4 ? "local" : "local6"] = local.ToString();
        data.AddIf("link", vxlan.Device);
        data["port"] = vxlan.Port;
        data["learning"] = vxlan.Learning;
        return data;
    }

    private static VxlanSettings ParseVxlan(JsonElement data) => new(
        data.UInt("id"), data.Address("local") ?? data.Address("local6"), data.Text("link"),
        data.TryGetProperty("port", out var port) ? port.GetUInt16() : VxlanSettings.DefaultPort,
        !data.TryGetProperty("learning", out var learning) || learning.GetBoolean());
}
