using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>Why a value does not fit a field of a built-in kind, as Go's JSON decoder says it.</summary>
internal static class GoType
{
    private const string QuantityPattern = "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    /// <summary>Null when the value fits.</summary>
    public static string? Mismatch(SchemaNode node, JsonNode value, string path, string owner)
    {
        switch (node.Format)
        {
            case "quantity":
                return Quantity.IsValid(value.ToString()) ? null : "quantities must match the regular expression "
                    + QuantityPattern;
            case "int-or-string":
                return JsonShape.IsString(value) || JsonShape.IsInteger(value) ? null : Cannot(node, value, path, owner);
            case "date-time" or "micro-time":
                if (!JsonShape.IsString(value)) return Cannot(node, value, path, owner);
                return Formats.IsDateTime(value.ToString()) ? null : $"parsing time \"{value}\" as "
                    + $"\"2006-01-02T15:04:05Z07:00\": cannot parse \"{value}\"";
            case "byte":
                if (!JsonShape.IsString(value)) return Cannot(node, value, path, owner);
                return Formats.IsBase64(value.ToString()) ? null : "illegal base64 data in " + path;
        }
        return Fits(node, value) ? null : Cannot(node, value, path, owner);
    }

    private static bool Fits(SchemaNode node, JsonNode value) => node.Type switch
    {
        SchemaType.Any => true,
        SchemaType.String => JsonShape.IsString(value),
        SchemaType.Boolean => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        SchemaType.Number => value.GetValueKind() == JsonValueKind.Number,
        SchemaType.Integer => JsonShape.IsInteger(value) && Formats.FitsInteger(node.Format, value),
        _ => false,
    };

    private static string Cannot(SchemaNode node, JsonNode value, string path, string owner)
    {
        var kind = value.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Number when node.Type is SchemaType.Integer => "number " + value.ToJsonString(),
            JsonValueKind.Number => "number",
            var other => other.ToString().ToLowerInvariant(),
        };
        return string.Create(CultureInfo.InvariantCulture,
            $"json: cannot unmarshal {kind} into Go struct field {owner}.{WithoutIndexes(path)} of type {Name(node)}");
    }

    private static string Name(SchemaNode node) => node switch
    {
        { Type: SchemaType.Array, Items: { } items } => "[]" + Name(items),
        { Type: SchemaType.Object, Values: { } values } => "map[string]" + Name(values),
        { Format: "quantity" } => "resource.Quantity",
        { Format: "int-or-string" } => "intstr.IntOrString",
        { Format: "date-time" } => "v1.Time",
        { Format: "micro-time" } => "v1.MicroTime",
        { Format: "byte" } => "[]uint8",
        { Reference: { } name } => "v1." + name[(name.LastIndexOf('.') + 1)..],
        { Type: SchemaType.Integer } => node.Format,
        { Type: SchemaType.Number } => "float64",
        { Type: SchemaType.Boolean } => "bool",
        { Type: SchemaType.String } => "string",
        _ => "interface {}",
    };

    // Go's decoder names the fields on the way, not the elements.
    private static string WithoutIndexes(string path)
    {
        var parts = path.Split('[');
        return parts[0] + string.Concat(parts.Skip(1).Select(p => p[(p.IndexOf(']') + 1)..]));
    }
}
