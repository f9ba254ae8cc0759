using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>Reads CustomResourceDefinitions (apiextensions.k8s.io/v1).</summary>
public static class CustomResourceSchema
{
    /// <summary>What is wrong with a definition; empty when it may be registered.</summary>
    public static IReadOnlyList<FieldError> Check(JsonObject definition) => DefinitionCheck.Run(definition);

    /// <summary>One schema per version. The definition must have passed <see cref="Check"/>.</summary>
    public static IReadOnlyList<ObjectSchema> Read(JsonObject definition)
    {
        var spec = definition["spec"]!.AsObject();
        var group = Text(spec["group"]);
        var kind = Text(spec["names"]?["kind"]);
        List<ObjectSchema> schemas = [];
        foreach (var version in spec["versions"]!.AsArray())
        {
            var name = Text(version!["name"]);
            List<string> rules = [];
            var root = version["schema"]?["openAPIV3Schema"] is JsonObject schema
                ? Root(schema, rules)
                : Root(new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true }, rules);
            var published = string.Join('.', group.Split('.').Reverse()) + $".{name}.{kind}";
            schemas.Add(new(new(group, name, kind), published, root, IsCustom: true, rules));
        }
        return schemas;
    }

    private static SchemaNode Root(JsonObject schema, List<string> rules)
    {
        var node = StructuralSchema.Read(schema, "", rules);
        var properties = new Dictionary<string, SchemaNode>(node.Properties, StringComparer.Ordinal)
        {
            ["apiVersion"] = new() { Type = SchemaType.String },
            ["kind"] = new() { Type = SchemaType.String },
            ["metadata"] = BuiltInSchemas.Reference(BuiltInSchemas.ObjectMeta),
        };
        return new()
        {
            Type = SchemaType.Object, Properties = properties, Required = node.Required, IsResource = true,
            PreservesUnknown = node.PreservesUnknown, Constraints = node.Constraints, Description = node.Description,
        };
    }

    private static string Text(JsonNode? node) => node?.ToString() ?? "";
}
