using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.OpenApi;

/// <summary>Writes a <see cref="SchemaNode"/> as an OpenAPI schema, with the extensions of
/// Kubernetes.</summary>
internal sealed class SchemaText(Edition edition)
{
    private const string Resources = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    private const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    private const string Time = BuiltInSchemas.MetaPackage + ".Time";
    private const string MicroTime = BuiltInSchemas.MetaPackage + ".MicroTime";

    private readonly SortedSet<string> _referenced = new(StringComparer.Ordinal);

    /// <summary>The published names that what was written so far refers to.</summary>
    public IEnumerable<string> Referenced => _referenced;

    public string PointerTo(string definition) =>
        (edition == Edition.V2 ? "#/definitions/" : "#/components/schemas/") + definition;

    /// <summary>A reference to a published type.</summary>
    public JsonObject Reference(string definition)
    {
        _referenced.Add(definition);
        return new() { ["$ref"] = PointerTo(definition) };
    }

    /// <summary>The definition of a published type; of the scalars too, that have no fields.</summary>
    public JsonObject Definition(string name) => name switch
    {
        Resources => new() { ["type"] = "string" },
        Time or MicroTime => new() { ["type"] = "string", ["format"] = "date-time" },
        IntOrString when edition == Edition.V2 => new() { ["type"] = "string", ["format"] = "int-or-string" },
        IntOrString => new()
        {
            ["format"] = "int-or-string",
            ["oneOf"] = new JsonArray(
                new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        },
        _ => Write(BuiltInSchemas.Definition(name), custom: false),
    };

    public JsonObject Write(SchemaNode node, bool custom)
    {
        if (node.Reference is { } name) return WithSiblings(Reference(name), node);
        if (!custom && ScalarType(node.Format) is { } scalar) return WithSiblings(Reference(scalar), node);
        var text = new JsonObject();
        if (node.Description is { } description) text["description"] = description;
        WriteType(text, node);
        if (node.Default is not null) text["default"] = node.Default.DeepClone();
        if (node.Items is not null) text["items"] = Write(node.Items, custom);
        if (node.Values is not null) text["additionalProperties"] = Write(node.Values, custom);
        // Clients of edition 2 would refuse the unknown fields beside the known ones.
        var open = edition == Edition.V2 && node.PreservesUnknown;
        if (node.Properties.Count > 0 && !open) text["properties"] = Properties(node, custom);
        if (node.Required.Count > 0 && !open)
            text["required"] = Strings(node.Required.Order(StringComparer.Ordinal));
        if (node.Constraints is { } constraints) ConstraintText.Write(text, constraints, edition, this);
        WriteExtensions(text, node);
        return text;
    }

    private JsonObject Properties(SchemaNode node, bool custom)
    {
        var properties = new JsonObject();
        foreach (var (name, field) in node.Properties.OrderBy(p => p.Key, StringComparer.Ordinal))
            properties[name] = Write(field, custom);
        return properties;
    }

    private void WriteType(JsonObject text, SchemaNode node)
    {
        if (node.Format == "int-or-string")
        {
            text["x-kubernetes-int-or-string"] = true;
            return;
        }
        if (node.Type != SchemaType.Any) text["type"] = node.Type.ToString().ToLowerInvariant();
        if (node.Format.Length > 0) text["format"] = node.Format;
        if (node.Nullable && edition == Edition.V3) text["nullable"] = true;
    }

    private static string? ScalarType(string format) => format switch
    {
        "quantity" => Resources,
        "int-or-string" => IntOrString,
        "date-time" => Time,
        "micro-time" => MicroTime,
        _ => null,
    };

    // Edition 3 ignores what stands beside a $ref.
    private JsonObject WithSiblings(JsonObject reference, SchemaNode node)
    {
        var extensions = new JsonObject();
        WriteExtensions(extensions, node);
        if (extensions.Count == 0) return reference;
        if (edition == Edition.V3)
        {
            extensions["allOf"] = new JsonArray(reference);
            return extensions;
        }
        extensions["$ref"] = reference["$ref"]!.DeepClone();
        return extensions;
    }

    private static void WriteExtensions(JsonObject text, SchemaNode node)
    {
        if (node.Type == SchemaType.Array && node.ListKind != ListKind.Atomic)
        {
            text["x-kubernetes-list-type"] = node.ListKind == ListKind.Set ? "set" : "map";
            if (node.ListKeys.Count > 0) text["x-kubernetes-list-map-keys"] = Strings(node.ListKeys);
        }
        else if (node.Type == SchemaType.Array)
        {
            text["x-kubernetes-list-type"] = "atomic";
        }
        if (node.AtomicMap && node.Reference is null) text["x-kubernetes-map-type"] = "atomic";
        if (node.PatchKey.Length > 0) text["x-kubernetes-patch-merge-key"] = node.PatchKey;
        if (Strategy(node.Patch) is { Length: > 0 } strategy) text["x-kubernetes-patch-strategy"] = strategy;
        // A schema without a word is one that kubectl explain cannot print.
        if (node.PreservesUnknown || node.Type == SchemaType.Any)
            text["x-kubernetes-preserve-unknown-fields"] = true;
    }

    private static string Strategy(PatchStrategies patch) => string.Join(',', new[]
    {
        patch.HasFlag(PatchStrategies.Merge) ? "merge" : "",
        patch.HasFlag(PatchStrategies.Replace) ? "replace" : "",
        patch.HasFlag(PatchStrategies.RetainKeys) ? "retainKeys" : "",
    }.Where(s => s.Length > 0));

    private static JsonArray Strings(IEnumerable<string> texts) =>
        new([.. texts.Select(t => JsonValue.Create(t))]);
}
