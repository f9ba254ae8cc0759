using System.Text.Json;

namespace Causeway.Core.Dataplane.Nftables;

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
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or IndexOutOfRangeException)
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
            else if (item.TryGetProperty("set", out var set) || item.TryGetProperty("map", out set))
                sets.Add((TableOf(set), NftSetJson.Parse(set)));
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

    private static NftHook? Hook(JsonElement chain) => chain.TryGetProperty("hook", out var hook)
        ? new NftHook(
            Text(chain, "type"), hook.GetString()!, chain.GetProperty("prio").GetInt32(),
            chain.TryGetProperty("policy", out var policy) ? policy.GetString()! : "accept")
        {
            Device = chain.TryGetProperty("dev", out var device) ? device.ToString() : null,
        }
        : null;

    private static NftRule Rule(JsonElement rule) => new(
        [.. rule.GetProperty("expr").EnumerateArray().SelectMany(NftStatementJson.Parse)],
        rule.TryGetProperty("comment", out var comment) ? comment.GetString() : null);

    private static string Text(JsonElement item, string property) => item.GetProperty(property).ToString();
}
