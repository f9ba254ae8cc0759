using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Selection;

/// <summary>A label selector in its object form: <c>matchLabels</c> and <c>matchExpressions</c>.</summary>
public static class SelectorObject
{
    /// <summary>The same selector in the form of query strings and of <c>kubectl -l</c>.</summary>
    public static string ToText(JsonNode? selector)
    {
        List<string> terms = [];
        foreach (var (key, value) in selector.Object("matchLabels") ?? []) terms.Add($"{key}={value}");
        foreach (var expression in selector.Items("matchExpressions"))
        {
            var key = expression.Text("key");
            var values = string.Join(',', expression.Texts("values"));
            terms.Add(expression.Text("operator") switch
            {
                "In" => $"{key} in ({values})",
                "NotIn" => $"{key} notin ({values})",
                "DoesNotExist" => "!" + key,
                _ => key ?? "",
            });
        }
        return string.Join(',', terms);
    }

    /// <summary>An empty selector matches everything; one that cannot be read matches nothing.</summary>
    public static bool Matches(JsonNode? selector, JsonNode? labels)
    {
        if (!LabelSelector.TryParse(ToText(selector), out var parsed)) return false;
        var values = (labels as JsonObject ?? []).ToDictionary(
            l => l.Key, l => l.Value.Text() ?? "", StringComparer.Ordinal);
        return parsed.Matches(values);
    }
}
