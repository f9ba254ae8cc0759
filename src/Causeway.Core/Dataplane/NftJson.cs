using System.Collections.Immutable;
using System.Text.Json;

namespace Causeway.Core.Dataplane;

/// <summary>
/// Reads the output of <c>nft -j list ruleset</c> (libnftables-json(5)). What the model does not know
/// becomes <see cref="NftUnknown"/> with the JSON as it stood; only what is not that output at all is an error.
/// </summary>
public static class NftJson
{
    /// <summary>The tables of a ruleset. Throws <see cref="FormatException"/> on anything but a ruleset.</summary>
    public static IReadOnlyList<NftTable> Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Parse(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"not the JSON of 'nft -j list ruleset': {e.Message}", e);
        }
    }

    private static List<NftTable> Parse(JsonElement root)
    {
        List<NftTable> tables = [];
        var sets = new List<(string Table, NftSet Set)>();
        var chains = new List<(string Table, NftChain Chain)>();
        var rules = new List<(string Chain, NftRule Rule)>();
        foreach (var item in root.GetProperty("nftables").EnumerateArray())
        {
            if (item.TryGetProperty("table", out var table))
                tables.Add(new NftTable { Family = Text(table, "family"), Name = Text(table, "name") });
            else if (item.TryGetProperty("set", out var set) && Set(set) is { } parsed)
                sets.Add((TableOf(set), parsed));
            else if (item.TryGetProperty("chain", out var chain))
                chains.Add((TableOf(chain), new NftChain(Text(chain, "name"), Hook(chain), [])));
            else if (item.TryGetProperty("rule", out var rule))
                rules.Add((TableOf(rule) + " " + Text(rule, "chain"), Rule(rule)));
        }
        var rulesOf = rules.ToLookup(r => r.Chain, r => r.Rule);
        var setsOf = sets.ToLookup(s => s.Table, s => s.Set);
        var chainsOf = chains.ToLookup(c => c.Table, c => c.Chain with { Rules = [.. rulesOf[c.Table + " " + c.Chain.Name]] });
        return [.. tables.Select(t => t with { Sets = [.. setsOf[t.Key.Name]], Chains = [.. chainsOf[t.Key.Name]] })];
    }

    private static string TableOf(JsonElement item) => $"{Text(item, "family")} {Text(item, "table")}";

    private static NftSet? Set(JsonElement set)
    {
        // A set keyed by a concatenation has an array here.
        var type = set.GetProperty("type") is { ValueKind: JsonValueKind.Array } parts
            ? string.Join(" . ", parts.EnumerateArray().Select(p => p.GetString()))
            : Text(set, "type");
        var interval = set.TryGetProperty("flags", out var flags)
            && flags.EnumerateArray().Any(f => f.GetString() == "interval");
        ImmutableArray<string> elements = set.TryGetProperty("elem", out var elem)
            ? [.. elem.EnumerateArray().Select(NftExpression.Value).Order(StringComparer.Ordinal)]
            : [];
        return new NftSet(Text(set, "name"), type, interval, elements);
    }

    private static NftHook? Hook(JsonElement chain) => chain.TryGetProperty("hook", out var hook)
        ? new NftHook(
            Text(chain, "type"), hook.GetString()!, chain.GetProperty("prio").GetInt32(),
            chain.TryGetProperty("policy", out var policy) ? policy.GetString()! : "accept")
        : null;

    private static NftRule Rule(JsonElement rule)
    {
        var statements = ImmutableArray.CreateBuilder<NftStatement>();
        foreach (var expression in rule.GetProperty("expr").EnumerateArray())
        {
            if (expression.ValueKind != JsonValueKind.Object)
            {
                statements.Add(new NftUnknown(expression.GetRawText()));
                continue;
            }
            foreach (var statement in expression.EnumerateObject()) statements.Add(Statement(statement));
        }
        return new NftRule(
            statements.ToImmutable(),
            rule.TryGetProperty("comment", out var comment) ? comment.GetString() : null);
    }

    private static NftStatement Statement(JsonProperty statement) => statement.Name switch
    {
        "match" => NftExpression.Match(statement.Value) as NftStatement ?? Unknown(statement),
        "accept" or "drop" or "return" or "continue" => new NftVerdict(statement.Name),
        "jump" or "goto" => new NftVerdict(statement.Name, Text(statement.Value, "target")),
        "counter" => Counter(statement.Value),
        "masquerade" when statement.Value.ValueKind == JsonValueKind.Null => new NftMasquerade(),
        "reject" => new NftReject(RejectWith(statement.Value)),
        "log" => new NftNote(statement.Value.GetRawText()),
        // A comment of the iptables-nft tool: it always matches and changes nothing.
        "xt" when statement.Value.TryGetProperty("name", out var name) && name.GetString() == "comment" =>
            new NftNote("comment"),
        _ => Unknown(statement),
    };

    private static NftUnknown Unknown(JsonProperty statement) =>
        new($"{{\"{statement.Name}\":{statement.Value.GetRawText()}}}");

    private static NftCounter Counter(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("packets", out var packets) && value.TryGetProperty("bytes", out var bytes)
        ? new NftCounter(packets.GetUInt64(), bytes.GetUInt64())
        : new NftCounter(0, 0);

    private static string? RejectWith(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return null;
        var type = Text(value, "type");
        return value.TryGetProperty("expr", out var expr) ? $"{type} {expr.GetString()}" : type;
    }

    private static string Text(JsonElement item, string property) => item.GetProperty(property).ToString();
}
