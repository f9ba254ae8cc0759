using System.Globalization;
using System.Text;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>
/// nftables in the syntax of <c>nft -f</c>. Deterministic: sets and chains by name, elements sorted, so that
/// two tables that mean the same print the same.
/// </summary>
public static class NftText
{
    /// <summary>The table alone, as <c>nft list table</c> shows it, without counters and handles.</summary>
    public static string Print(NftTable table) => Print(table, forTheTool: true);

    /// <summary>Without what the tool's JSON does not give back: <c>typeof</c> and the flag <c>dynamic</c>.</summary>
    internal static string Comparable(NftTable table) => Print(table, forTheTool: false);

    /// <summary>A script that puts the table in place of what is there, in one transaction.</summary>
    public static string Replace(NftTable table) => Remove(table) + Print(table);

    /// <summary>A script that removes the table, whether it is there or not.</summary>
    public static string Remove(NftTable table) =>
        $"table {table.Family} {table.Name}\ndelete table {table.Family} {table.Name}\n";

    /// <summary>One rule as <c>nft list</c> shows it: evidence.</summary>
    public static string Print(NftRule rule)
    {
        var text = string.Join(' ', rule.Statements.Select(NftStatementText.Print).Where(s => s.Length > 0));
        return rule.Comment is null ? text : $"{text} comment \"{rule.Comment}\"";
    }

    /// <summary>One element as a set's list or a command has it.</summary>
    public static string Print(NftElement element)
    {
        var timeout = element.Timeout is { } seconds ? $" timeout {seconds}s" : "";
        var comment = element.Comment is null ? "" : $" comment \"{element.Comment}\"";
        var data = element.Data is null ? "" : $" : {element.Data}";
        return element.Key + timeout + comment + data;
    }

    private static string Print(NftTable table, bool forTheTool)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"table {table.Family} {table.Name} {{\n");
        // The values of a verdict map may name chains, and rules name maps: chains are declared first.
        if (forTheTool && table.Sets.Any(s => s.Data == "verdict" && s.Elements.Count > 0))
            foreach (var chain in table.Chains.Where(c => c.Hook is null))
                text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{\n\t}}\n");
        foreach (var set in table.Sets.OrderBy(s => s.Name, StringComparer.Ordinal)) Print(text, set, forTheTool);
        foreach (var chain in table.Chains.OrderBy(c => c.Name, StringComparer.Ordinal)) Print(text, chain);
        return text.Append("}\n").ToString();
    }

    private static void Print(StringBuilder text, NftSet set, bool forTheTool)
    {
        text.Append(CultureInfo.InvariantCulture, $"\t{(set.IsMap ? "map" : "set")} {set.Name} {{\n");
        var type = set.IsMap ? $"{set.Type} : {set.Data}" : set.Type;
        text.Append("\t\t").Append(forTheTool && set.TypeOf is not null ? $"typeof {set.TypeOf}" : $"type {type}")
            .Append('\n');
        if (set.Size is { } size) text.Append(CultureInfo.InvariantCulture, $"\t\tsize {size}\n");
        string[] flags =
        [
            .. set.Interval ? ["interval"] : Array.Empty<string>(),
            .. set.Dynamic && forTheTool ? ["dynamic"] : Array.Empty<string>(),
            .. set.Timeouts ? ["timeout"] : Array.Empty<string>(),
        ];
        if (flags.Length > 0) text.Append("\t\tflags ").AppendJoin(',', flags).Append('\n');
        if (set.Timeout is { } timeout) text.Append(CultureInfo.InvariantCulture, $"\t\ttimeout {timeout}s\n");
        if (set.Counter) text.Append("\t\tcounter\n");
        if (set.Elements.Count > 0)
            text.Append("\t\telements = { ")
                .AppendJoin(", ", set.Elements.Select(Print).Order(StringComparer.Ordinal)).Append(" }\n");
        text.Append("\t}\n");
    }

    private static void Print(StringBuilder text, NftChain chain)
    {
        text.Append(CultureInfo.InvariantCulture, $"\tchain {chain.Name} {{\n");
        if (chain.Hook is { } hook)
        {
            var device = hook.Device is null ? "" : $" device \"{hook.Device}\"";
            text.Append(CultureInfo.InvariantCulture,
                $"\t\ttype {hook.Type} hook {hook.Hook}{device} priority {hook.Priority}; policy {hook.Policy};\n");
        }
        foreach (var rule in chain.Rules) text.Append("\t\t").Append(Print(rule)).Append('\n');
        text.Append("\t}\n");
    }
}
