using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary><c>ip -j addr</c>: the addresses under their devices.</summary>
internal static class AddressJson
{
    public static JsonArray Print(IEnumerable<LinkAddress> addresses)
    {
        var array = new JsonArray();
        foreach (var device in addresses.GroupBy(a => a.Device))
        {
            var info = new JsonArray();
            foreach (var address in device) info.Add((JsonNode)Print(address));
            array.Add((JsonNode)new JsonObject { ["ifname"] = device.Key, ["addr_info"] = info });
        }
        return array;
    }

    public static List<LinkAddress> Parse(JsonElement item)
    {
        var device = item.Required("ifname");
        return item.TryGetProperty("addr_info", out var info)
            ? DataplaneJson.Each(info, address => Parse(address, device))
            : [];
    }

    private static JsonObject Print(LinkAddress address)
    {
        var item = new JsonObject
        {
            ["family"] = address.Address.Address.Family == IpFamily.V4 ? "inet" : "inet6",
            ["local"] = address.Address.Address.ToString(),
            ["prefixlen"] = address.Address.Length,
            ["scope"] = DataplaneText.ScopeName(address.Scope),
        };
        if (!address.Usable) item["tentative"] = true;
        return item;
    }

    private static LinkAddress Parse(JsonElement item, string device)
    {
        var address = IpAddress.Parse(item.Required("local"));
        var length = item.Int("prefixlen") ?? address.Family.Bits;
        if (length < 0 || length > address.Family.Bits)
            throw new FormatException($"{address} has a prefix length of {length}");
        return new LinkAddress
        {
            Device = device, Address = new InterfaceAddress(address, length),
            Scope = RouteNames.Scope(item.Text("scope") ?? "global"),
            Usable = !item.Has("dadfailed") && (!item.Has("tentative") || item.Has("optimistic")),
        };
    }
}
