using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>Custom resources with the columns of their definition.</summary>
internal static class CustomTable
{
    /// <param name="columns">The definition's <c>additionalPrinterColumns</c>.</param>
    public static TableDefinition Of(JsonArray columns)
    {
        var added = columns.OfType<JsonObject>()
            .Select(c => (Name: c.Text("name") ?? "", Type: c.Text("type") ?? "string",
                Format: c.Text("format") ?? "",
                Priority: (int)(c.Number("priority") ?? 0), Path: c.Text("jsonPath") ?? ""))
            .ToList();
        return new(
            [Column.NameColumn, .. added.Select(c => new Column(c.Name, c.Type, c.Format, c.Priority))],
            (value, now) =>
            [
                value.Text("metadata", "name"),
                .. added.Select(c => Cell(JsonPath.First(value, c.Path), c.Type, now)),
            ]);
    }

    private static JsonNode? Cell(JsonNode? found, string type, DateTimeOffset now)
    {
        if (found is null) return null;
        if (type == "date") return HumanDuration.Since(found.Text(), now);
        if (found is JsonObject or JsonArray) return found.ToJsonString();
        return found.GetValueKind() == JsonValueKind.String || type is "integer" or "number" or "boolean"
            ? found.DeepClone() : found.ToString();
    }
}
