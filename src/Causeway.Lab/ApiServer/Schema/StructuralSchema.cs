using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>Turns an <c>openAPIV3Schema</c> into a <see cref="SchemaNode"/>.</summary>
internal static class StructuralSchema
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    /// <param name="path">Where the schema stands in the objects it describes.</param>
    /// <param name="rules">Receives the paths that have CEL rules.</param>
    public static SchemaNode Read(JsonObject schema, string path, List<string> rules)
    {
        if (schema["x-kubernetes-validations"] is JsonArray { Count: > 0 })
            rules.Add(path.Length == 0 ? "." : path);
        var intOrString = Flag(schema, "x-kubernetes-int-or-string");
        var resource = Flag(schema, "x-kubernetes-embedded-resource");
        var type = intOrString ? SchemaType.String : TypeOf(schema["type"]?.ToString());
        var properties = Fields(schema["properties"] as JsonObject, path, rules);
        if (resource) AddResourceFields(properties);
        return new()
        {
            Type = type,
            Format = intOrString ? "int-or-string" : schema["format"]?.ToString() ?? "",
            Properties = properties.ToFrozenDictionary(StringComparer.Ordinal),
            Required = Strings(schema["required"]),
            Values = ValuesOf(schema, path, rules),
            Items = schema["items"] is JsonObject items ? Read(items, path + "[]", rules) : null,
            ListKind = schema["x-kubernetes-list-type"]?.ToString() switch
            {
                "map" => ListKind.Map,
                "set" => ListKind.Set,
                _ => ListKind.Atomic,
            },
            ListKeys = Strings(schema["x-kubernetes-list-map-keys"]),
            AtomicMap = schema["x-kubernetes-map-type"]?.ToString() == "atomic",
            Default = schema["default"]?.DeepClone(),
            Nullable = Flag(schema, "nullable"),
            PreservesUnknown = Flag(schema, "x-kubernetes-preserve-unknown-fields"),
            IsResource = resource,
            Constraints = ConstraintsOf(schema, path, rules),
            Description = schema["description"]?.ToString(),
        };
    }

    /// <summary>Null when the text is no regular expression.</summary>
    public static Regex? Pattern(string text)
    {
        const RegexOptions options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
        try
        {
            return new Regex(text, options | RegexOptions.NonBacktracking, PatternTimeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(text, options, PatternTimeout);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static SchemaType TypeOf(string? name) => name switch
    {
        "object" => SchemaType.Object,
        "array" => SchemaType.Array,
        "string" => SchemaType.String,
        "integer" => SchemaType.Integer,
        "number" => SchemaType.Number,
        "boolean" => SchemaType.Boolean,
        _ => SchemaType.Any,
    };

    private static Dictionary<string, SchemaNode> Fields(JsonObject? properties, string path, List<string> rules)
    {
        Dictionary<string, SchemaNode> fields = new(StringComparer.Ordinal);
        foreach (var (name, schema) in properties ?? [])
            if (schema is JsonObject field) fields[name] = Read(field, JsonShape.Child(path, name), rules);
        return fields;
    }

    private static void AddResourceFields(Dictionary<string, SchemaNode> properties)
    {
        properties["apiVersion"] = new() { Type = SchemaType.String };
        properties["kind"] = new() { Type = SchemaType.String };
        properties["metadata"] = BuiltInSchemas.Reference(BuiltInSchemas.ObjectMeta);
    }

    private static SchemaNode? ValuesOf(JsonObject schema, string path, List<string> rules) =>
        schema["additionalProperties"] switch
        {
            JsonObject values => Read(values, path + "[*]", rules),
            JsonValue flag when flag.TryGetValue<bool>(out var any) && any => SchemaNode.AnyValue,
            _ => null,
        };

    private static Constraints? ConstraintsOf(JsonObject schema, string path, List<string> rules)
    {
        var constraints = new Constraints
        {
            Enum = schema["enum"] is JsonArray values ? [.. values.Select(v => v?.DeepClone())] : null,
            Pattern = schema["pattern"]?.ToString() is { Length: > 0 } pattern ? Pattern(pattern) : null,
            Minimum = Number(schema["minimum"]),
            ExclusiveMinimum = Flag(schema, "exclusiveMinimum"),
            Maximum = Number(schema["maximum"]),
            ExclusiveMaximum = Flag(schema, "exclusiveMaximum"),
            MultipleOf = Number(schema["multipleOf"]),
            MinLength = Count(schema["minLength"]),
            MaxLength = Count(schema["maxLength"]),
            MinItems = Count(schema["minItems"]),
            MaxItems = Count(schema["maxItems"]),
            UniqueItems = Flag(schema, "uniqueItems"),
            MinProperties = Count(schema["minProperties"]),
            MaxProperties = Count(schema["maxProperties"]),
            AllOf = Branches(schema["allOf"], path, rules),
            AnyOf = Branches(schema["anyOf"], path, rules),
            OneOf = Branches(schema["oneOf"], path, rules),
            Not = schema["not"] is JsonObject not ? Read(not, path, rules) : null,
        };
        return constraints == Empty ? null : constraints;
    }

    private static readonly Constraints Empty = new();

    private static IReadOnlyList<SchemaNode> Branches(JsonNode? list, string path, List<string> rules) =>
        list is not JsonArray { Count: > 0 } branches
            ? Empty.AllOf
            : [.. branches.OfType<JsonObject>().Select(branch => Read(branch, path, rules))];

    private static bool Flag(JsonObject schema, string name) =>
        schema[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    private static decimal? Number(JsonNode? node) => node is null ? null : JsonShape.Number(node);

    private static int? Count(JsonNode? node) =>
        int.TryParse(node?.ToJsonString(), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    private static IReadOnlyList<string> Strings(JsonNode? list) =>
        list is JsonArray array ? [.. array.Select(v => v?.ToString() ?? "")] : [];
}
