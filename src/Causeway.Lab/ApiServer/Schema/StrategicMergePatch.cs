using System.Text.Json.Nodes;
using Causeway.Core;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>
/// Strategic merge patch (kubernetes/community, strategic-merge-patch.md): a merge patch in which lists
/// merge by key where the schema says so, with the directives <c>$patch</c>, <c>$retainKeys</c>,
/// <c>$deleteFromPrimitiveList/FIELD</c> and <c>$setElementOrder/FIELD</c>.
/// </summary>
public static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string DeletePrefix = "$deleteFromPrimitiveList/";
    internal const string OrderPrefix = "$setElementOrder/";

    /// <summary>The patched object; neither argument changes.</summary>
    /// <exception cref="InputException">The patch is malformed: an unknown directive, an element without its
    /// key.</exception>
    public static JsonObject Apply(SchemaNode schema, JsonObject original, JsonObject patch) =>
        MergeObject(schema, (JsonObject)original.DeepClone(), patch);

    internal static JsonObject MergeObject(SchemaNode schema, JsonObject original, JsonObject patch)
    {
        if (patch[Directive] is { } directive)
        {
            switch (directive.ToString())
            {
                case "replace":
                    return (JsonObject)Plain(patch)!;
                case "delete":
                    return [];
                case "merge":
                    break;
                default:
                    throw Bad($"'{directive}' is no value of {Directive}: it must be merge, replace or delete");
            }
        }
        Retain(original, patch);
        var ordered = MergeOrdered(schema, original, patch);
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal))
                DeleteFrom(original, name[DeletePrefix.Length..], value);
            if (IsDirective(name) || ordered.Contains(name)) continue;
            MergeField(schema.Field(name) ?? SchemaNode.AnyValue, original, name, value);
        }
        return original;
    }

    /// <summary>A value without directives, deleted elements and nulls: what a patch adds where nothing
    /// was.</summary>
    internal static JsonNode? Plain(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject obj:
                var result = new JsonObject();
                foreach (var (name, child) in obj)
                    if (child is not null && !IsDirective(name)) result[name] = Plain(child);
                return result;
            case JsonArray array:
                return new JsonArray([.. array.Where(e => e is not JsonObject o || o[Directive] is null).Select(Plain)]);
            default:
                return value?.DeepClone();
        }
    }

    internal static InputException Bad(string what) => new($"invalid strategic merge patch: {what}");

    private static void MergeField(SchemaNode field, JsonObject original, string name, JsonNode? value)
    {
        if (value is null)
        {
            original.Remove(name);
            return;
        }
        var before = original[name];
        var replaced = field.Patch.HasFlag(PatchStrategies.Replace);
        original[name] = value switch
        {
            JsonObject patch when !replaced && before is JsonObject old =>
                MergeObject(field, (JsonObject)old.DeepClone(), patch),
            JsonArray patch when !replaced && field.Patch.HasFlag(PatchStrategies.Merge) && before is JsonArray old =>
                ListMerge.Merge(field, old, patch, order: null),
            _ => Plain(value),
        };
    }

    private static void Retain(JsonObject original, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var node)) return;
        if (node is not JsonArray list) throw Bad($"{RetainKeys} must be a list of field names");
        var kept = list.Select(k => k?.ToString() ?? "").ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in patch)
            if (!IsDirective(name) && value is not null && !kept.Contains(name))
                throw Bad($"{RetainKeys} must list every field that the patch sets, but '{name}' is not in it");
        foreach (var name in original.Select(p => p.Key).Where(n => !kept.Contains(n)).ToList())
            original.Remove(name);
    }

    // Lists whose order the patch sets are merged first, and then put into that order.
    private static HashSet<string> MergeOrdered(SchemaNode schema, JsonObject original, JsonObject patch)
    {
        HashSet<string> done = new(StringComparer.Ordinal);
        foreach (var (directive, value) in patch)
        {
            if (!directive.StartsWith(OrderPrefix, StringComparison.Ordinal)) continue;
            var name = directive[OrderPrefix.Length..];
            if (value is not JsonArray order) throw Bad($"{directive} must be a list");
            if (patch.TryGetPropertyValue(name, out var change) && change is null) continue;
            var before = original[name] as JsonArray;
            if (before is null && change is not JsonArray) continue;
            done.Add(name);
            original[name] = ListMerge.Merge(
                schema.Field(name) ?? SchemaNode.AnyValue, before ?? [], change as JsonArray ?? [], order);
        }
        return done;
    }

    private static void DeleteFrom(JsonObject original, string name, JsonNode? values)
    {
        if (values is not JsonArray deleted) throw Bad($"{DeletePrefix}{name} must be a list");
        if (original[name] is not JsonArray list) return;
        var kept = list.Where(e => !deleted.Any(d => JsonShape.Same(d, e))).Select(e => e?.DeepClone());
        original[name] = new JsonArray([.. kept]);
    }

    private static bool IsDirective(string name) =>
        name is Directive or RetainKeys
        || name.StartsWith(DeletePrefix, StringComparison.Ordinal)
        || name.StartsWith(OrderPrefix, StringComparison.Ordinal);
}
