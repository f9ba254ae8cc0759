using System.Globalization;
using System.Text.Json;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>Expressions and constants, from JSON to nft's own words.</summary>
internal static class NftExpressionJson
{
    /// <summary>Null when either side is not understood.</summary>
    public static NftMatch? Match(JsonElement match)
    {
        if (Expression(match.GetProperty("left")) is not { } field) return null;
        var right = match.GetProperty("right");
        var comparison = match.GetProperty("op").GetString()!;
        if (right.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return new(field, comparison, right.ValueKind == JsonValueKind.True ? "exists" : "missing");
        return Known(right) ? new(field, comparison, Value(right)) : null;
    }

    /// <summary>A constant in nft's words: <c>10.0.0.0/8</c>, <c>1000-2000</c>, <c>{ 80, 443 }</c>, <c>a . b</c>.</summary>
    public static string Value(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return string.Join(',', value.EnumerateArray().Select(Value));
        if (value.ValueKind != JsonValueKind.Object) return value.ToString();
        if (value.TryGetProperty("concat", out var concat))
            return string.Join(" . ", concat.EnumerateArray().Select(Value));
        if (value.TryGetProperty("prefix", out var prefix))
            return $"{Value(prefix.GetProperty("addr"))}/{prefix.GetProperty("len").GetInt32().ToString(CultureInfo.InvariantCulture)}";
        if (value.TryGetProperty("range", out var range))
            return string.Join('-', range.EnumerateArray().Select(Value));
        if (value.TryGetProperty("set", out var set))
        {
            var elements = set.ValueKind == JsonValueKind.Array ? set.EnumerateArray().Select(Value) : [Value(set)];
            return "{ " + string.Join(", ", elements) + " }";
        }
        return value.TryGetProperty("elem", out var elem) && elem.TryGetProperty("val", out var inner)
            ? Value(inner)
            : value.GetRawText();
    }

    /// <summary>What a map gives: a constant or a verdict.</summary>
    public static string Data(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object) return Value(data);
        foreach (var property in data.EnumerateObject())
        {
            if (property.Name is "accept" or "drop" or "return" or "continue") return property.Name;
            if (property.Name is "jump" or "goto") return $"{property.Name} {property.Value.GetProperty("target")}";
        }
        return Value(data);
    }

    /// <summary>What a packet is asked for, or computed from it; null when it is not understood.</summary>
    public static string? Expression(JsonElement expression)
    {
        if (expression.ValueKind != JsonValueKind.Object) return null;
        foreach (var property in expression.EnumerateObject())
        {
            var value = property.Value;
            return property.Name switch
            {
                "payload" => value.TryGetProperty("protocol", out var protocol)
                    ? $"{protocol.GetString()} {value.GetProperty("field").GetString()}"
                    : null,
                "meta" => Meta(value.GetProperty("key").GetString()),
                "ct" => value.TryGetProperty("dir", out var direction)
                    ? $"ct {direction.GetString()} {value.GetProperty("key").GetString()}"
                    : $"ct {value.GetProperty("key").GetString()}",
                "rt" => $"rt {value.GetProperty("key").GetString()}",
                "tcp option" => value.TryGetProperty("field", out var field)
                    ? $"tcp option {value.GetProperty("name").GetString()} {field.GetString()}"
                    : $"tcp option {value.GetProperty("name").GetString()}",
                "fib" => $"fib {string.Join(" . ", Words(value.GetProperty("flags")))} {value.GetProperty("result").GetString()}",
                "concat" => Concat(value),
                "numgen" => $"numgen {value.GetProperty("mode").GetString()} mod {value.GetProperty("mod")}{Offset(value)}",
                "jhash" => Expression(value.GetProperty("expr")) is { } hashed
                    ? $"jhash {hashed} mod {value.GetProperty("mod")}{Seed(value)}{Offset(value)}"
                    : null,
                "symhash" => $"symhash mod {value.GetProperty("mod")}{Offset(value)}",
                "&" or "|" or "^" or "<<" or ">>" when value.GetArrayLength() == 2 => Binary(property.Name, value),
                _ => null,
            };
        }
        return null;
    }

    /// <summary>A list of words, or one.</summary>
    public static IReadOnlyList<string> Words(JsonElement words) => words.ValueKind == JsonValueKind.Array
        ? [.. words.EnumerateArray().Select(w => w.ToString())]
        : [words.ToString()];

    public static bool Known(JsonElement right) => right.ValueKind switch
    {
        JsonValueKind.Object => right.EnumerateObject().All(p => p.Name is "prefix" or "range" or "set" or "concat"),
        JsonValueKind.Array => right.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String),
        _ => true,
    };

    private static string Meta(string? key) => key is "iif" or "oif" or "iifname" or "oifname" ? key : "meta " + key;

    private static string? Binary(string @operator, JsonElement sides)
    {
        if (Expression(sides[0]) is not { } left) return null;
        var right = sides[1].ValueKind switch
        {
            JsonValueKind.Number => @operator is "<<" or ">>" ? sides[1].ToString() : $"0x{sides[1].GetUInt32():x}",
            JsonValueKind.String => sides[1].GetString(),
            JsonValueKind.Array => $"({string.Join(" | ", Words(sides[1]))})",
            _ => Expression(sides[1]),
        };
        return right is null ? null : $"{left} {@operator} {right}";
    }

    // The tool guesses a protocol for ports that stand beside the protocol's number: they are ports of any.
    private static string? Concat(JsonElement parts)
    {
        List<string> texts = [];
        foreach (var part in parts.EnumerateArray())
        {
            if (Expression(part) is not { } text) return null;
            texts.Add(text);
        }
        if (texts.Contains("meta l4proto"))
            texts = texts.ConvertAll(t => t.Split(' ') is ["tcp" or "udp" or "sctp" or "dccp" or "udplite",
                ("sport" or "dport") and var port] ? $"th {port}" : t);
        return string.Join(" . ", texts);
    }

    private static string Offset(JsonElement value) =>
        value.TryGetProperty("offset", out var offset) && offset.GetUInt32() is not 0 and var number
            ? $" offset {number}"
            : "";

    private static string Seed(JsonElement value) =>
        value.TryGetProperty("seed", out var seed) && seed.GetUInt32() is not 0 and var number ? $" seed 0x{number:x}" : "";
}
