using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>
/// The simple JSON paths of additionalPrinterColumns: <c>.spec.a</c>, <c>['a.b']</c>, <c>[0]</c>, <c>[*]</c>,
/// <c>[?(@.type=="Ready")]</c>, and backslashes before dots that belong to a name.
/// </summary>
public static partial class JsonPath
{
    /// <summary>The first value there; null when there is none, or when the path is of another
    /// form.</summary>
    public static JsonNode? First(JsonNode? value, string path)
    {
        IEnumerable<JsonNode?> found = [value];
        foreach (Match step in Step().Matches(path))
            found = found.SelectMany(node => Follow(node, step)).ToList();
        return found.FirstOrDefault();
    }

    private static IEnumerable<JsonNode?> Follow(JsonNode? node, Match step)
    {
        if (step.Groups["name"] is { Success: true } name)
            return node.At(name.Value.Replace("\\.", ".")) is { } field ? [field] : [];
        if (step.Groups["quoted"] is { Success: true } quoted)
            return node.At(quoted.Value) is { } field ? [field] : [];
        if (node is not JsonArray list) return [];
        if (step.Groups["index"] is { Success: true } index)
            return int.TryParse(index.Value, out var i) && i < list.Count ? [list[i]] : [];
        if (step.Groups["field"] is not { Success: true } key) return list;
        return list.Where(item => First(item, "." + key.Value)?.ToString() == step.Groups["value"].Value);
    }

    [GeneratedRegex("""
        \.(?<name>(?:\\\.|[^.\[\]\\])+) | \['(?<quoted>[^']*)'\] | \[(?<index>\d+)\] | \[(?<all>\*)\]
        | \[\?\(\s*@\.(?<field>[^=\s]+)\s*==\s*["']?(?<value>[^"')]*)["']?\s*\)\]
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Step();
}
