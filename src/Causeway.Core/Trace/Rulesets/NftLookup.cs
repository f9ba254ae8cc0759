using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>Comparisons and lookups of nftables.</summary>
internal static class NftLookup
{
    /// <summary>The part of the packets that a match holds for, 0 to 1; null when it cannot be told.</summary>
    public static double? Share(HookContext at, NftTable table, RuleState state, NftMatch match)
    {
        if (match.Field == "ct status") return Status(state, match);
        if (NftExpression.Evaluate(at, state, match.Field) is not { } choices) return null;
        var share = 0.0;
        foreach (var choice in choices)
        {
            // A field of another protocol or family never matches, whatever the comparison.
            if (choice.Absent) continue;
            if (Fits(table, choice, match) is not { } fits) return null;
            if (fits) share += choice.Share;
        }
        return Math.Min(share, 1);
    }

    /// <summary>What a map holds for a packet; null without an element.</summary>
    /// <param name="known">False where the map itself is not there.</param>
    public static NftElement? Find(NftTable table, NftMapRef map, NftChoice choice, out bool known)
    {
        var elements = map.Name is null ? map.Elements : table.Sets.FirstOrDefault(s => s.Name == map.Name)?.Elements;
        known = elements is not null;
        return known ? Find(elements!, choice) : null;
    }

    private static NftElement? Find(NftElements elements, NftChoice choice)
    {
        if (elements.Find(choice.Key) is { } exact) return exact;
        foreach (var element in elements.Intervals)
        {
            var parts = element.Key.Split(" . ");
            if (parts.Length == choice.Parts.Count
                && !parts.Where((p, i) => choice.Parts[i].IsIn(p) != true).Any()) return element;
        }
        return null;
    }

    private static bool? Fits(NftTable table, NftChoice choice, NftMatch match) => match.Operator switch
    {
        "==" or "in" => Holds(table, match.Value, choice),
        "!=" or "!" => !Holds(table, match.Value, choice),
        "<" or ">" or "<=" or ">=" => Compare(choice, match.Operator, match.Value),
        _ => null,
    };

    private static bool? Holds(NftTable table, string value, NftChoice choice)
    {
        value = value.Trim();
        if (value.StartsWith('@'))
        {
            var set = table.Sets.FirstOrDefault(s => s.Name == value[1..]);
            return set is null ? null : Find(set.Elements, choice) is not null;
        }
        if (value is "exists" or "missing" && choice.Parts.Count == 1)
            return (choice.Key == "missing") == (value == "missing");
        if (value.StartsWith('{') && value.EndsWith('}'))
            return Any(value[1..^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), choice);
        return value.Contains(',') ? Any(value.Split(',', StringSplitOptions.TrimEntries), choice) : One(value, choice);
    }

    private static bool? Any(IEnumerable<string> values, NftChoice choice)
    {
        bool? any = false;
        foreach (var value in values)
        {
            var one = One(value, choice);
            if (one == true) return true;
            if (one is null) any = null;
        }
        return any;
    }

    private static bool? One(string value, NftChoice choice)
    {
        if (choice.Parts.Count == 1) return choice.Parts[0].IsIn(value);
        var parts = value.Split(" . ");
        if (parts.Length != choice.Parts.Count) return null;
        bool? all = true;
        for (var i = 0; i < parts.Length; i++)
        {
            var one = choice.Parts[i].IsIn(parts[i]);
            if (one == false) return false;
            if (one is null) all = null;
        }
        return all;
    }

    private static bool? Compare(NftChoice choice, string @operator, string value) =>
        choice.Parts.Count == 1 && choice.Parts[0].Number is { } left && NftField.Read(value) is { } right
            ? @operator switch
            {
                "<" => left < right,
                ">" => left > right,
                "<=" => left <= right,
                _ => left >= right,
            }
            : null;

    private static double? Status(RuleState state, NftMatch match)
    {
        if (match.Operator is not ("in" or "==" or "!" or "!=")) return null;
        var held = NftFields.Status(state);
        var any = match.Value.Trim('{', '}', ' ').Split(',', StringSplitOptions.TrimEntries).Any(held.Contains);
        return any == match.Operator is "in" or "==" ? 1 : 0;
    }
}
