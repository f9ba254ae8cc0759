using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <param name="Object">Unknown fields and stray nulls left out, defaults filled in where asked for.</param>
/// <param name="Strict">Findings of strict decoding, such as <c>unknown field "spec.foo"</c>, in
/// order.</param>
/// <param name="Error">The object cannot be read as its kind at all: the message of a 400.</param>
public sealed record DecodedObject(JsonObject Object, IReadOnlyList<string> Strict, string? Error)
{
    /// <summary>The message of a 400 under strict validation; null when there is nothing to say.</summary>
    public string? StrictError { get; init; }
}

/// <summary>
/// Fits an object to its kind. As in Kubernetes, a wrong type in a built-in kind ends decoding, while in a
/// custom resource it is left for <see cref="FieldValidator"/>.
/// </summary>
public static class ObjectDecoder
{
    /// <param name="duplicates">From <see cref="ParsedBody"/>.</param>
    /// <param name="defaults">Fill in defaults; not for the configuration of a server-side apply.</param>
    public static DecodedObject Decode(
        ObjectSchema schema, JsonObject obj, IReadOnlyList<string>? duplicates = null, bool defaults = true)
    {
        var walk = new DecodeWalk(schema.IsCustom, defaults);
        var result = (JsonObject)walk.Visit(schema.Root, obj, "", schema.Kind.Kind)!;
        List<string> strict = [.. walk.Unknown.Select(p => $"unknown field \"{p}\"")];
        strict.AddRange((duplicates ?? []).Select(p => $"duplicate field \"{p}\""));
        var head = $"{schema.Kind.Kind} in version \"{schema.Kind.Version}\" cannot be handled as a "
            + $"{schema.Kind.Kind}: ";
        return new(result, strict, walk.Error is null ? null : head + walk.Error)
        {
            StrictError = strict.Count == 0 ? null : head + "strict decoding error: " + string.Join(", ", strict),
        };
    }
}

/// <summary>One pass over one object.</summary>
internal sealed class DecodeWalk(bool isCustom, bool defaults)
{
    public List<string> Unknown { get; } = [];

    /// <summary>The first wrong type in a built-in part.</summary>
    public string? Error { get; private set; }

    /// <param name="owner">The Go name of the struct around the value, for errors.</param>
    public JsonNode? Visit(SchemaNode node, JsonNode? value, string path, string owner, bool builtIn = false)
    {
        builtIn |= !isCustom || node.Reference is not null;
        switch (node.Type)
        {
            case SchemaType.Object when value is JsonObject obj:
                return VisitObject(node, obj, path, StructName(node, owner), builtIn);
            case SchemaType.Array when value is JsonArray array && node.Items is not null:
                var items = new JsonArray();
                foreach (var item in array)
                    items.Add(Visit(node.Items, item, $"{path}[{items.Count}]", owner, builtIn));
                return items;
            case SchemaType.Any when node.Properties.Count > 0 && value is JsonObject free:
                return VisitObject(node, free, path, owner, builtIn);
            default:
                if (builtIn && Error is null && value is not null)
                    Error = GoType.Mismatch(node, value, path, owner);
                return value?.DeepClone();
        }
    }

    private JsonObject VisitObject(SchemaNode node, JsonObject obj, string path, string owner, bool builtIn)
    {
        var result = new JsonObject();
        var free = node.Type == SchemaType.Any || node.PreservesUnknown;
        foreach (var (name, value) in obj)
        {
            var child = JsonShape.Dotted(path, name);
            var field = node.Properties.GetValueOrDefault(name) ?? node.Values ?? (free ? SchemaNode.AnyValue : null);
            if (field is null) Unknown.Add(child);
            else if (value is null && !KeepsNull(field)) continue;
            else result[name] = Visit(field, value, child, owner, builtIn);
        }
        if (defaults)
        {
            foreach (var (name, field) in node.Properties)
                if (field.Default is not null && !result.ContainsKey(name) && !IsKeyOnly(field, builtIn))
                    result[name] = Visit(field, field.Default, JsonShape.Dotted(path, name), owner, builtIn);
        }
        return result;
    }

    private static bool KeepsNull(SchemaNode field) => field.Nullable || field.Type == SchemaType.Any;

    // Built-in kinds have the default "" where a list key may be left out: it never appears in objects.
    private static bool IsKeyOnly(SchemaNode field, bool builtIn) =>
        builtIn && field.Default!.ToString().Length == 0;

    private static string StructName(SchemaNode node, string owner) =>
        node.Reference is { } name ? name[(name.LastIndexOf('.') + 1)..] : owner;
}
