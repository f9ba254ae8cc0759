using System.Globalization;
using System.Text;

namespace Causeway.Core.Dataplane;

/// <summary>
/// nftables in the syntax of <c>nft -f</c>. Deterministic: sets and chains by name, elements sorted, so that
/// two tables that mean the same print the same.
/// </summary>
public static class NftText
{
    /// <summary>The table alone, as <c>nft list table</c> shows it, without counters and handles.</summary>
    public static string Print(NftTable table)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"table {table.Family} {table.Name} {{\n");
        foreach (var set in table.Sets.OrderBy(s => s.Name, StringComparer.Ordinal)) Print(text, set);
        foreach (var chain in table.Chains.OrderBy(c => c.Name, StringComparer.Ordinal)) Print(text, chain);
        return text.Append("}\n").ToString();
    }

    /// <summary>A script that puts the table in place of what is there, in one transaction.</summary>
    public static string Replace(NftTable table) => Remove(table) + Print(table);

    /// <summary>A script that removes the table, whether it is there or not.</summary>
    public static string Remove(NftTable table) =>
        $"table {table.Family} {table.Name}\ndelete table {table.Family} {table.Name}\n";

    /// <summary>One rule as <c>nft list</c> shows it: evidence.</summary>
    public static string Print(NftRule rule)
    {
        var text = string.Join(' ', rule.Statements.Select(Print).Where(s => s.Length > 0));
        return rule.Comment is null ? text : $"{text} comment \"{rule.Comment}\"";
    }

    private static void Print(StringBuilder text, NftSet set)
    {
        text.Append(CultureInfo.InvariantCulture, $"\tset {set.Name} {{\n\t\ttype {set.Type}\n");
        if (set.Interval) text.Append("\t\tflags interval\n");
        if (set.Elements.Length > 0)
        {
            var elements = string.Join(", ", set.Elements.Order(StringComparer.Ordinal));
            text.Append(CultureInfo.InvariantCulture, $"\t\telements = {{ {elements} }}\n");
        }
        text.Append("\t}\n");
    }

    private static void Print(StringBuilder text, NftChain chain)
    {
        text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{\n");
        if (chain.Hook is { } hook)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\t\ttype {hook.Type} hook {hook.Hook} priority {hook.Priority}; policy {hook.Policy};\n");
        }
        foreach (var rule in chain.Rules) text.Append("\t\t").Append(Print(rule)).Append('\n');
        text.Append("\t}\n");
    }

    private static string Print(NftStatement statement) => statement switch
    {
        NftMatch match => Print(match),
        NftVerdict { Chain: { } chain } verdict => $"{verdict.Verdict} {chain}",
        NftVerdict verdict => verdict.Verdict,
        NftMasquerade => "masquerade",
        NftReject { With: { } with } => $"reject with {with}",
        NftReject => "reject",
        // Counts change by themselves; a rule with a counter is still the same rule.
        NftCounter => "counter",
        NftNote => "",
        NftUnknown unknown => unknown.Raw,
        _ => throw new ArgumentException($"no text for {statement.GetType().Name}", nameof(statement)),
    };

    private static string Print(NftMatch match)
    {
        // A field with a mask is an expression: its equality must be written out.
        var comparison = match.Operator is "==" or "in" && !match.Field.Contains('&') ? "" : match.Operator + " ";
        var value = match.Field is "iif" or "oif" or "iifname" or "oifname" && !match.Value.StartsWith('{')
            ? $"\"{match.Value}\""
            : match.Value;
        return $"{match.Field} {comparison}{value}";
    }
}
