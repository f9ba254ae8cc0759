using System.Text.Json;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>Sets and maps, and their elements.</summary>
internal static class NftSetJson
{
    public static NftSet Parse(JsonElement set)
    {
        var flags = set.TryGetProperty("flags", out var words) ? NftExpressionJson.Words(words) : [];
        return new(
            set.GetProperty("name").ToString(), TypeOf(set.GetProperty("type")), flags.Contains("interval"),
            set.TryGetProperty("elem", out var elements) ? Elements(elements) : [])
        {
            Data = set.TryGetProperty("map", out var data) ? TypeOf(data) : null,
            Dynamic = flags.Contains("dynamic"),
            Timeouts = flags.Contains("timeout"),
            Timeout = Seconds(set, "timeout"),
            Size = Seconds(set, "size"),
            Counter = set.TryGetProperty("stmt", out var statements)
                && statements.EnumerateArray().Any(s => s.TryGetProperty("counter", out _)),
        };
    }

    /// <summary>Elements of a named set, or of one within a rule; a map's are pairs.</summary>
    public static NftElements Elements(JsonElement elements) =>
        NftElements.Of(elements.EnumerateArray().Select(Element));

    private static NftElement Element(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Array) return Keyed(item, null);
        return Keyed(item[0], NftExpressionJson.Data(item[1]));
    }

    private static NftElement Keyed(JsonElement key, string? data)
    {
        if (key.ValueKind != JsonValueKind.Object || !key.TryGetProperty("elem", out var inner))
            return new(NftExpressionJson.Value(key), data);
        return new(NftExpressionJson.Value(inner.GetProperty("val")), data)
        {
            Comment = inner.TryGetProperty("comment", out var comment) ? comment.GetString() : null,
            Timeout = Seconds(inner, "timeout"),
            Expires = Seconds(inner, "expires"),
            Counter = inner.TryGetProperty("counter", out var counter) ? NftStatementJson.Counter(counter) : null,
        };
    }

    // A set keyed by a concatenation has an array here.
    private static string TypeOf(JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? string.Join(" . ", type.EnumerateArray().Select(p => p.GetString()))
        : type.ToString();

    private static int? Seconds(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : null;
}
