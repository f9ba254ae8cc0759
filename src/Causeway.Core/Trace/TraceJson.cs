using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Causeway.Core.Trace;

/// <summary>The stable JSON form of a trace; docs/trace.md describes it.</summary>
public static class TraceJson
{
    public static JsonObject Of(TraceResult result)
    {
        var json = new JsonObject
        {
            ["verdict"] = Word(result.Verdict.ToString()),
            ["forward"] = Of(result.Forward),
            ["reply"] = Of(result.Reply),
            ["cause"] = Of(result.Cause),
        };
        if (result.Lookup is { } lookup) json["lookup"] = LookupJson.Of(lookup);
        if (!result.Notes.IsEmpty) json["notes"] = new JsonArray([.. result.Notes.Select(n => JsonValue.Create(n))]);
        return json;
    }

    private static JsonObject Of(Leg leg)
    {
        var json = new JsonObject { ["hops"] = Of(leg.Hops) };
        if (leg.Branches.Length > 1)
            json["branches"] = new JsonArray([.. leg.Branches.Select(b => (JsonNode)new JsonObject
            {
                ["probability"] = Math.Round(b.Probability, 6),
                ["disposition"] = Word(b.Disposition.ToString()),
                ["hops"] = Of(b.Hops),
                ["cause"] = Of(b.Cause),
            })]);
        return json;
    }

    private static JsonArray Of(ImmutableArray<Hop> hops) => new([.. hops.Select(h => (JsonNode)new JsonObject
    {
        ["node"] = h.Node,
        ["component"] = h.Component,
        ["action"] = h.Action,
        ["evidence"] = h.Evidence,
        ["origin"] = h.Origin?.ToString(),
    })]);

    private static JsonObject? Of(Cause? cause) => cause is null ? null : new()
    {
        ["code"] = cause.CodeText,
        ["message"] = cause.Message,
        ["node"] = cause.Node,
        ["evidence"] = cause.Evidence,
        ["fix"] = cause.Fix,
    };

    // ReplyDiffers becomes reply-differs.
    internal static string Word(string name) => string.Concat(name
        .Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
