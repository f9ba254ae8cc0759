using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Core.Dataplane;

/// <summary>
/// Entries in the JSON of the kernel's own tools: <c>ip -j -d link|addr|route|rule|neigh</c> and
/// <c>bridge -j fdb</c> (iproute2). Prints the fields that the model holds; reads what the tools print, and
/// passes over fields that it does not know. Input that is not of the shape throws
/// <see cref="FormatException"/> that names the entry by its place.
/// </summary>
public static class DataplaneJson
{
    /// <summary><c>ip -j -d link show</c>.</summary>
    public static string Print(IEnumerable<Link> links) => LinkJson.Print([.. links]).ToJsonString();

    /// <summary><c>ip -j -d addr show</c>, with nothing of the devices but their names.</summary>
    public static string Print(IEnumerable<LinkAddress> addresses) =>
        AddressJson.Print(addresses).ToJsonString();

    /// <summary><c>ip -j -d route show table all</c>.</summary>
    public static string Print(IEnumerable<Route> routes) => Print(routes, RouteJson.Print);

    /// <summary><c>ip -j -d rule show</c>. Both families print alike, so give one family at a time.</summary>
    public static string Print(IEnumerable<Rule> rules) => Print(rules, RuleJson.Print);

    /// <summary><c>ip -j -d neigh show</c>, and <c>show proxy</c> for proxy entries.</summary>
    public static string Print(IEnumerable<Neighbour> neighbours) => Print(neighbours, NeighbourJson.Print);

    /// <summary><c>bridge -j fdb show</c>.</summary>
    public static string Print(IEnumerable<FdbEntry> entries) => Print(entries, NeighbourJson.Print);

    public static IReadOnlyList<Link> ParseLinks(ReadOnlyMemory<byte> json) =>
        Parse(json, "ip -j -d link", LinkJson.ParseAll);

    public static IReadOnlyList<LinkAddress> ParseAddresses(ReadOnlyMemory<byte> json) =>
        Parse(json, "ip -j addr", root => Each(root, AddressJson.Parse).SelectMany(a => a).ToList());

    public static IReadOnlyList<Route> ParseRoutes(ReadOnlyMemory<byte> json) =>
        Parse(json, "ip -j -d route", root => Each(root, RouteJson.Parse));

    /// <param name="family">The family that the tool was asked for: its output does not say.</param>
    public static IReadOnlyList<Rule> ParseRules(ReadOnlyMemory<byte> json, Addressing.IpFamily family) =>
        Parse(json, "ip -j -d rule", root => Each(root, rule => RuleJson.Parse(rule, family)));

    public static IReadOnlyList<Neighbour> ParseNeighbours(ReadOnlyMemory<byte> json) =>
        Parse(json, "ip -j neigh", root => Each(root, NeighbourJson.Parse));

    public static IReadOnlyList<FdbEntry> ParseFdb(ReadOnlyMemory<byte> json) =>
        Parse(json, "bridge -j fdb", root => Each(root, NeighbourJson.ParseFdb));

    /// <summary>Each object of an array. The tools print an empty object where an entry was filtered
    /// out.</summary>
    internal static List<T> Each<T>(JsonElement root, Func<JsonElement, T> parse)
    {
        var results = new List<T>();
        var number = 0;
        foreach (var item in root.EnumerateArray())
        {
            number++;
            if (!item.EnumerateObject().MoveNext()) continue;
            try
            {
                results.Add(parse(item));
            }
            catch (Exception e) when (IsShape(e))
            {
                throw new FormatException($"entry {number}: {e.Message}", e);
            }
        }
        return results;
    }

    private static string Print<T>(IEnumerable<T> entries, Func<T, JsonObject> print)
    {
        var array = new JsonArray();
        foreach (var entry in entries) array.Add((JsonNode)print(entry));
        return array.ToJsonString();
    }

    private static List<T> Parse<T>(
        ReadOnlyMemory<byte> json, string tool, Func<JsonElement, List<T>> parse)
    {
        // A tool that finds nothing prints nothing.
        if (json.Span.Trim(" \t\r\n"u8).IsEmpty) return [];
        try
        {
            using var document = JsonDocument.Parse(json);
            return parse(document.RootElement);
        }
        catch (Exception e) when (IsShape(e))
        {
            throw new FormatException($"not the output of '{tool}': {e.Message}", e);
        }
    }

    private static bool IsShape(Exception e) => e is JsonException or FormatException
        or InvalidOperationException or KeyNotFoundException or OverflowException or ArgumentException;
}
