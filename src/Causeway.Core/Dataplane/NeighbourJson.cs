using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary><c>ip -j neigh</c> and <c>bridge -j fdb</c>.</summary>
internal static class NeighbourJson
{
    public static JsonObject Print(Neighbour neighbour)
    {
        var item = new JsonObject { ["dst"] = neighbour.Address.ToString(), ["dev"] = neighbour.Device };
        item.AddIf("lladdr", neighbour.Mac?.ToString());
        if (neighbour.Proxy) item["proxy"] = null;
        else item["state"] = new JsonArray(JsonValue.Create(DataplaneText.StateName(neighbour.State)));
        if (neighbour.Protocol != 0) item["protocol"] = RouteNames.Protocol(neighbour.Protocol);
        return item;
    }

    public static Neighbour Parse(JsonElement item) => new()
    {
        Address = IpAddress.Parse(item.Required("dst")),
        Device = item.Required("dev"),
        Mac = item.Mac("lladdr"),
        Proxy = item.Has("proxy"),
        State = item.Has("proxy") ? NeighbourState.Permanent : States(item),
        Protocol = RouteNames.Protocol(item.Text("protocol") ?? "unspec"),
    };

    public static JsonObject Print(FdbEntry entry)
    {
        var item = new JsonObject { ["mac"] = entry.Mac.ToString(), ["ifname"] = entry.Device };
        item.AddIf("dst", entry.Destination?.ToString());
        item.AddIf("vlan", entry.Vlan);
        item["flags"] = JsonField.Words((entry.Self, "self"));
        item.AddIf("master", entry.Master);
        item["state"] = entry.State.HasFlag(NeighbourState.Permanent) ? "permanent"
            : entry.State.HasFlag(NeighbourState.NoArp) ? "static"
            : entry.State.HasFlag(NeighbourState.Stale) ? "stale" : "";
        return item;
    }

    public static FdbEntry ParseFdb(JsonElement item) => new()
    {
        Mac = item.Mac("mac") ?? throw new FormatException("'mac' is missing"),
        Device = item.Required("ifname"),
        Destination = item.Address("dst"),
        Vlan = (ushort?)item.Int("vlan"),
        Self = item.Flag("flags", "self"),
        Master = item.Text("master"),
        State = item.Text("state") switch
        {
            "permanent" => NeighbourState.Permanent,
            "static" => NeighbourState.NoArp,
            "stale" => NeighbourState.Stale,
            _ => NeighbourState.Reachable,
        },
    };

    private static NeighbourState States(JsonElement item)
    {
        var state = NeighbourState.None;
        if (!item.TryGetProperty("state", out var words)) return state;
        foreach (var word in words.EnumerateArray())
            state |= RouteNames.Word<NeighbourState>(word.GetString()!);
        return state;
    }
}
