using System.Collections.Immutable;
using System.Text.Json;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>Statements of a rule.</summary>
internal static class NftStatementJson
{
    public static IEnumerable<NftStatement> Parse(JsonElement expression) => expression.ValueKind switch
    {
        JsonValueKind.Object => expression.EnumerateObject().Select(Statement),
        // Updates of maps have no JSON form in the tool: it gives their text.
        JsonValueKind.String => [FromText(expression.GetString()!)],
        _ => [new NftUnknown(expression.GetRawText())],
    };

    public static NftCounter Counter(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("packets", out var packets) && value.TryGetProperty("bytes", out var bytes)
        ? new NftCounter(packets.GetUInt64(), bytes.GetUInt64())
        : new NftCounter(0, 0);

    private static NftStatement Statement(JsonProperty statement) => Read(statement.Name, statement.Value)
        ?? new NftUnknown($"{{\"{statement.Name}\":{statement.Value.GetRawText()}}}");

    private static NftStatement? Read(string name, JsonElement value) => name switch
    {
        "match" => NftExpressionJson.Match(value),
        "accept" or "drop" or "return" or "continue" => new NftVerdict(name),
        "jump" or "goto" => new NftVerdict(name, value.GetProperty("target").ToString()),
        "vmap" => Key(value) is { } key && Map(value.GetProperty("data")) is { } map ? new NftVerdictMap(key, map) : null,
        "counter" => Counter(value),
        "masquerade" => Masquerade(value),
        "redirect" => Redirect(value),
        "dnat" or "snat" => Nat(name, value),
        "mangle" => Assign(value),
        "set" or "map" => Update(value),
        "notrack" => new NftNotrack(),
        "reject" => new NftReject(RejectWith(value)),
        "limit" => NftConditionJson.Limit(value),
        "quota" or "ct count" => NftConditionJson.Other(name, value),
        "log" => new NftNote(NftConditionJson.Log(value)),
        "queue" => NftConditionJson.Queue(value),
        "tproxy" => NftConditionJson.Tproxy(value),
        // A comment of the iptables-nft tool: it always matches and changes nothing.
        "xt" when value.TryGetProperty("name", out var xt) => xt.GetString() == "comment"
            ? new NftNote("")
            : new NftXt(value.TryGetProperty("type", out var type) ? type.ToString() : "", xt.ToString()),
        _ => null,
    };

    private static string? Key(JsonElement value) => NftExpressionJson.Expression(value.GetProperty("key"));

    private static NftMapRef? Map(JsonElement data)
    {
        if (data.ValueKind == JsonValueKind.String && data.GetString() is ['@', .. var name]) return NftMapRef.Named(name);
        return data.ValueKind == JsonValueKind.Object && data.TryGetProperty("set", out var set)
            && set.ValueKind == JsonValueKind.Array
            ? new NftMapRef(null, NftSetJson.Elements(set))
            : null;
    }

    private static NftValue? Value(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("map", out var map))
            return Key(map) is { } key && Map(map.GetProperty("data")) is { } data ? new(key, data) : null;
        return NftExpressionJson.Expression(value) is { } expression ? new(expression)
            : NftExpressionJson.Known(value) ? new(NftExpressionJson.Value(value)) : null;
    }

    private static NftMasquerade Masquerade(JsonElement value) => new()
    {
        Ports = Has(value, "port", out var port) ? NftExpressionJson.Value(port) : null,
        Flags = Flags(value),
    };

    private static NftRedirect? Redirect(JsonElement value)
    {
        if (!Has(value, "port", out var port)) return new NftRedirect { Flags = Flags(value) };
        return Value(port) is { } to ? new NftRedirect(to) { Flags = Flags(value) } : null;
    }

    private static NftNat? Nat(string kind, JsonElement value)
    {
        var address = Has(value, "addr", out var a) ? Value(a) : null;
        var port = Has(value, "port", out var p) ? Value(p) : null;
        if ((address is null && Has(value, "addr", out _)) || (port is null && Has(value, "port", out _))) return null;
        var netmap = Flags(value).Contains("netmap");
        return new NftNat(kind, address, port)
        {
            Family = Has(value, "family", out var family) ? family.ToString() : null,
            Prefix = netmap,
            Flags = [.. Flags(value).Where(f => f != "netmap")],
        };
    }

    private static NftAssign? Assign(JsonElement value) =>
        NftExpressionJson.Expression(value.GetProperty("key")) is { } field && Value(value.GetProperty("value")) is { } to
            ? new NftAssign(field, to)
            : null;

    private static NftUpdate? Update(JsonElement value)
    {
        var element = value.GetProperty("elem");
        var timeout = "";
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("elem", out var inner))
        {
            if (inner.TryGetProperty("timeout", out var seconds)) timeout = $" timeout {seconds}s";
            element = inner.GetProperty("val");
        }
        if (NftExpressionJson.Expression(element) is not { } key) return null;
        if (value.TryGetProperty("stmt", out var statements) && statements.GetArrayLength() > 0) return null;
        return new(value.GetProperty("op").ToString(), value.GetProperty("set").ToString().TrimStart('@'), key + timeout);
    }

    private static NftStatement FromText(string text)
    {
        var open = text.IndexOf('{');
        if (text.Split(' ') is not ["add" or "update" or "delete", ['@', .. var set], ..] words || open < 0
            || !text.EndsWith('}')) return new NftUnknown(text);
        return new NftUpdate(words[0], set, text[(open + 1)..^1].Trim());
    }

    private static string? RejectWith(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return null;
        var type = value.GetProperty("type").ToString();
        return value.TryGetProperty("expr", out var expr) ? $"{type} {expr.GetString()}" : type;
    }

    private static ImmutableArray<string> Flags(JsonElement value) =>
        Has(value, "flags", out var flags) ? [.. NftExpressionJson.Words(flags)] : [];

    private static bool Has(JsonElement item, string name, out JsonElement value)
    {
        value = default;
        return item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out value);
    }
}
