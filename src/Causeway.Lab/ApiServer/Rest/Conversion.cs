using System.Text;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>
/// Between the version in which objects are kept and those in which they are served. Versions of custom
/// resources differ in apiVersion alone (conversion strategy None); events have two shapes.
/// </summary>
public static class Conversion
{
    private const string EventsGroup = "events.k8s.io/v1";

    /// <summary>The object's JSON as this resource serves it; the stored bytes themselves where they are
    /// that.</summary>
    public static ReadOnlyMemory<byte> Render(ResourceType type, StoredObject value) =>
        IsServed(type, value) ? value.Json : Responses.Utf8(Served(type, value));

    /// <summary>A fresh tree in the version that this resource serves.</summary>
    public static JsonObject Served(ResourceType type, StoredObject value)
    {
        var tree = value.Parse();
        return IsServed(type, value) ? tree : Convert(tree, type.ApiVersion);
    }

    /// <summary>Puts an object into the version that is kept. May change the one given.</summary>
    public static JsonObject Stored(ResourceType type, JsonObject value) =>
        type.ApiVersion == type.StorageApiVersion ? value : Convert(value, type.StorageApiVersion);

    private static bool IsServed(ResourceType type, StoredObject value)
    {
        Span<byte> start = stackalloc byte[256];
        return Encoding.UTF8.TryGetBytes($"{{\"apiVersion\":\"{type.ApiVersion}\",", start, out var length)
            && value.Json.Span.StartsWith(start[..length]);
    }

    private static JsonObject Convert(JsonObject value, string apiVersion)
    {
        var from = (string?)value["apiVersion"];
        value["apiVersion"] = apiVersion;
        if (apiVersion == EventsGroup && from == "v1") Rename(value, EventFields);
        else if (apiVersion == "v1" && from == EventsGroup)
            Rename(value, EventFields.Select(f => (f.New, f.Core)));
        return value;
    }

    private static readonly (string Core, string New)[] EventFields =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    private static void Rename(JsonObject value, IEnumerable<(string From, string To)> names)
    {
        foreach (var (from, to) in names)
        {
            if (value[from] is not { } field) continue;
            value.Remove(from);
            value[to] = field;
        }
    }
}
