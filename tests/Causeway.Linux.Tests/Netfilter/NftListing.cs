using System.Text.Json;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netlink;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Netfilter;

/// <summary>A table as the tool lists it in both its forms, without handles and whatever the order that its sets and chains
/// were made in.</summary>
public sealed record NftListing(string Text, string Json)
{
    public static NftListing Of(TestNamespace place, string family, string table)
    {
        var text = place.Run($"nft list table {family} {table}");
        using var json = JsonDocument.Parse(place.Run($"nft -j list table {family} {table}"));
        return new(
            // Rules stay in their chain and in order.
            Lines(text.Trim().TrimEnd('}').Split('{', 2)[1].Split("\n\n")),
            Lines(json.RootElement.GetProperty("nftables").EnumerateArray().Select(Plain)));
    }

    /// <summary>What the tool makes of the same record, in a namespace of its own.</summary>
    public static NftListing ByTool(NftTable table)
    {
        using TestNamespace place = new();
        place.Run($"nft -f - <<'END'\n{NftText.Print(table)}END");
        return Of(place, table.Family, table.Name);
    }

    public static void Commit(TestNamespace place, Action<NftTableWriter> write)
    {
        using var socket = NetlinkSocket.OpenNetfilter(place.Path);
        socket.Commit("cannot change a table", NetfilterCodec.Transaction(writer => write(new(writer))));
    }

    private static string Lines(IEnumerable<string> parts) =>
        string.Join('\n', parts.Select(p => p.Trim()).Order(StringComparer.Ordinal));

    private static string Plain(JsonElement item) => string.Join(", ", item.EnumerateObject().SelectMany(
        kind => kind.Value.EnumerateObject().Where(p => p.Name != "handle").Select(p => $"{kind.Name} {p}")));
}
