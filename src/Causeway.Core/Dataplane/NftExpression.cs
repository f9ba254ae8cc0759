using System.Globalization;
using System.Text.Json;

namespace Causeway.Core.Dataplane;

/// <summary>The two sides of a match.</summary>
internal static class NftExpression
{
    /// <summary>Null when either side is not understood.</summary>
    public static NftMatch? Match(JsonElement match)
    {
        if (Field(match.GetProperty("left")) is not { } field) return null;
        var right = match.GetProperty("right");
        return Known(right) ? new NftMatch(field, match.GetProperty("op").GetString()!, Value(right)) : null;
    }

    /// <summary>A constant in nft's words: <c>10.0.0.0/8</c>, <c>1000-2000</c>, <c>{ 80, 443 }</c>, <c>a . b</c>.</summary>
    public static string Value(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return string.Join(',', value.EnumerateArray().Select(Value));
        if (value.ValueKind != JsonValueKind.Object) return value.ToString();
        if (value.TryGetProperty("prefix", out var prefix))
            return $"{Value(prefix.GetProperty("addr"))}/{prefix.GetProperty("len").GetInt32().ToString(CultureInfo.InvariantCulture)}";
        if (value.TryGetProperty("range", out var range))
            return string.Join('-', range.EnumerateArray().Select(Value));
        if (value.TryGetProperty("set", out var set))
        {
            var elements = set.ValueKind == JsonValueKind.Array ? set.EnumerateArray().Select(Value) : [Value(set)];
            return "{ " + string.Join(", ", elements) + " }";
        }
        if (value.TryGetProperty("concat", out var concat))
            return string.Join(" . ", concat.EnumerateArray().Select(Value));
        return value.TryGetProperty("elem", out var elem) && elem.TryGetProperty("val", out var inner)
            ? Value(inner)
            : value.GetRawText();
    }

    private static string? Field(JsonElement left)
    {
        if (left.ValueKind != JsonValueKind.Object) return null;
        if (left.TryGetProperty("payload", out var payload))
        {
            return payload.TryGetProperty("protocol", out var protocol)
                ? $"{protocol.GetString()} {payload.GetProperty("field").GetString()}"
                : null;
        }
        if (left.TryGetProperty("meta", out var meta))
        {
            var key = meta.GetProperty("key").GetString();
            return key is "iif" or "oif" or "iifname" or "oifname" ? key : "meta " + key;
        }
        if (left.TryGetProperty("ct", out var ct))
            return ct.TryGetProperty("dir", out _) ? null : "ct " + ct.GetProperty("key").GetString();
        if (left.TryGetProperty("fib", out var fib))
        {
            var flags = fib.GetProperty("flags");
            var words = flags.ValueKind == JsonValueKind.Array
                ? string.Join(" . ", flags.EnumerateArray().Select(f => f.GetString()))
                : flags.GetString();
            return $"fib {words} {fib.GetProperty("result").GetString()}";
        }
        if (left.TryGetProperty("&", out var and) && and.GetArrayLength() == 2
            && Field(and[0]) is { } inner && and[1].ValueKind == JsonValueKind.Number)
        {
            return $"{inner} & 0x{and[1].GetUInt32():x}";
        }
        return null;
    }

    private static bool Known(JsonElement right) => right.ValueKind switch
    {
        JsonValueKind.Object => right.EnumerateObject().All(p => p.Name is "prefix" or "range" or "set" or "concat"),
        JsonValueKind.Array => right.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String),
        _ => true,
    };
}
