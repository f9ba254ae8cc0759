using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>The rules a CustomResourceDefinition must keep before its resource can be served.</summary>
internal static class DefinitionCheck
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    public static IReadOnlyList<FieldError> Run(JsonObject definition)
    {
        List<FieldError> errors = [];
        if (definition["spec"] is not JsonObject spec) return [FieldError.Required("spec")];
        var group = RequireText(spec, "group", "spec.group", errors);
        var names = spec["names"] as JsonObject ?? [];
        var plural = RequireText(names, "plural", "spec.names.plural", errors);
        RequireText(names, "kind", "spec.names.kind", errors);
        var scope = RequireText(spec, "scope", "spec.scope", errors);
        if (scope.Length > 0 && scope is not ("Cluster" or "Namespaced"))
            errors.Add(FieldError.NotSupported("spec.scope", spec["scope"], ["Cluster", "Namespaced"]));
        var name = definition["metadata"]?["name"];
        if (plural.Length > 0 && group.Length > 0 && name?.ToString() != $"{plural}.{group}")
            errors.Add(FieldError.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
        CheckVersions(spec["versions"] as JsonArray, errors);
        return errors;
    }

    private static void CheckVersions(JsonArray? versions, List<FieldError> errors)
    {
        if (versions is not { Count: > 0 })
        {
            errors.Add(FieldError.Required("spec.versions"));
            return;
        }
        var stored = 0;
        HashSet<string> seen = [];
        for (var i = 0; i < versions.Count; i++)
        {
            var path = $"spec.versions[{i}]";
            if (versions[i] is not JsonObject version) continue;
            var name = RequireText(version, "name", path + ".name", errors);
            if (!seen.Add(name)) errors.Add(FieldError.Duplicate(path + ".name", name));
            if (version["storage"] is JsonValue flag && flag.TryGetValue<bool>(out var storage) && storage)
                stored++;
            path += ".schema.openAPIV3Schema";
            if (version["schema"]?["openAPIV3Schema"] is JsonObject schema)
                CheckSchema(schema, path, true, errors);
            else errors.Add(FieldError.Required(path, "schemas are required"));
        }
        if (stored != 1)
        {
            errors.Add(FieldError.Invalid("spec.versions", versions,
                "must have exactly one version marked as storage version"));
        }
    }

    private static void CheckSchema(JsonObject schema, string path, bool isRoot, List<FieldError> errors)
    {
        var type = schema["type"]?.ToString() ?? "";
        var free = schema["x-kubernetes-int-or-string"] is not null
            || schema["x-kubernetes-preserve-unknown-fields"] is not null;
        if (type.Length == 0 && (isRoot || !free))
            errors.Add(FieldError.Required(path + ".type",
                isRoot ? "must not be empty at the root" : "must not be empty for specified object fields"));
        else if (isRoot && type.Length > 0 && type != "object")
            errors.Add(FieldError.Invalid(path + ".type", type, "must be object at the root"));
        else if (type.Length > 0 && !Types.Contains(type))
            errors.Add(FieldError.NotSupported(path + ".type", type, Types));
        if (schema["pattern"]?.ToString() is { } pattern && StructuralSchema.Pattern(pattern) is null)
            errors.Add(FieldError.Invalid(path + ".pattern", pattern, "must be a valid regular expression"));
        CheckListKeys(schema, path, errors);
        foreach (var (name, field) in schema["properties"] as JsonObject ?? [])
            if (field is JsonObject child) CheckSchema(child, $"{path}.properties[{name}]", false, errors);
        if (schema["additionalProperties"] is JsonObject values)
            CheckSchema(values, path + ".additionalProperties", false, errors);
        if (schema["items"] is JsonObject items) CheckSchema(items, path + ".items", false, errors);
        else if (type == "array") errors.Add(FieldError.Required(path + ".items", "must be specified"));
    }

    private static void CheckListKeys(JsonObject schema, string path, List<FieldError> errors)
    {
        var kind = schema["x-kubernetes-list-type"]?.ToString();
        if (kind is not (null or "atomic" or "set" or "map"))
            errors.Add(FieldError.NotSupported(path + ".x-kubernetes-list-type", kind, ["atomic", "map", "set"]));
        if (kind != "map") return;
        var keys = schema["x-kubernetes-list-map-keys"] as JsonArray ?? [];
        if (keys.Count == 0)
            errors.Add(FieldError.Required(path + ".x-kubernetes-list-map-keys",
                "must not be empty if x-kubernetes-list-type is map"));
        var properties = (schema["items"] as JsonObject)?["properties"] as JsonObject;
        foreach (var key in keys)
            if (properties?[key?.ToString() ?? ""] is null)
                errors.Add(FieldError.Invalid(path + ".x-kubernetes-list-map-keys", key,
                    "entries must all be names of item properties"));
    }

    private static string RequireText(JsonObject obj, string name, string path, List<FieldError> errors)
    {
        var text = obj[name]?.ToString() ?? "";
        if (text.Length == 0) errors.Add(FieldError.Required(path));
        return text;
    }
}
