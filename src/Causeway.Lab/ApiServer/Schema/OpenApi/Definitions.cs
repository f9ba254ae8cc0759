using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.OpenApi;

/// <summary>The types that a document defines: the kinds served, their lists, and all that they refer
/// to.</summary>
internal static class Definitions
{
    public const string Status = BuiltInSchemas.MetaPackage + ".Status";
    public const string DeleteOptions = BuiltInSchemas.MetaPackage + ".DeleteOptions";
    public const string Patch = BuiltInSchemas.MetaPackage + ".Patch";
    private const string GroupVersionKindKey = "x-kubernetes-group-version-kind";

    public static JsonObject Write(
        SchemaText text, SchemaRegistry registry, IEnumerable<ServedResource> served)
    {
        SortedDictionary<string, JsonObject> definitions = new(StringComparer.Ordinal)
        {
            [Patch] = new() { ["type"] = "object" },
        };
        text.Reference(Status);
        text.Reference(DeleteOptions);
        foreach (var resource in served)
        {
            if (registry.Find(resource.Kind) is not { } schema) continue;
            if (schema.IsCustom)
            {
                var body = text.Write(schema.Root, custom: true);
                body[GroupVersionKindKey] = Kinds(resource.Kind);
                definitions[schema.DefinitionName] = body;
            }
            else
            {
                text.Reference(schema.DefinitionName);
            }
            definitions[schema.DefinitionName + "List"] = ListOf(text, schema, resource.Kind);
        }
        Close(text, definitions);
        return new([.. definitions.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)d.Value))]);
    }

    /// <summary>The value of the extension that says which kind an operation is about.</summary>
    public static JsonObject Kind(GroupVersionKind kind) =>
        new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    private static JsonArray Kinds(GroupVersionKind kind) => new(Kind(kind));

    // Writing a definition may refer to more of them, until none is new.
    private static void Close(SchemaText text, SortedDictionary<string, JsonObject> definitions)
    {
        var kinds = BuiltInSchemas.Kinds.ToLookup(k => k.Value, k => k.Key, StringComparer.Ordinal);
        while (text.Referenced.Where(name => !definitions.ContainsKey(name)).ToList() is { Count: > 0 } missing)
        {
            foreach (var name in missing)
            {
                var body = text.Definition(name);
                var own = kinds[name].Select(k => (JsonNode)Kind(k)).ToArray();
                if (own.Length > 0) body[GroupVersionKindKey] = new JsonArray(own);
                definitions[name] = body;
            }
        }
    }

    private static JsonObject ListOf(SchemaText text, ObjectSchema schema, GroupVersionKind kind) => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("items"),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["type"] = "string" },
            ["items"] = new JsonObject
            {
                ["type"] = "array",
                ["items"] = schema.IsCustom
                    ? new JsonObject { ["$ref"] = text.PointerTo(schema.DefinitionName) }
                    : text.Reference(schema.DefinitionName),
            },
            ["kind"] = new JsonObject { ["type"] = "string" },
            ["metadata"] = text.Reference(BuiltInSchemas.ListMeta),
        },
        [GroupVersionKindKey] = Kinds(kind with { Kind = kind.Kind + "List" }),
    };
}
