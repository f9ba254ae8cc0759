using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Json;

/// <summary>Reading and writing fields of objects by path. Where something else stands in the way, there is
/// nothing.</summary>
public static class JsonAccess
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (node is not JsonObject obj || !obj.TryGetPropertyValue(name, out node)) return null;
        }
        return node;
    }

    /// <summary>Null unless there is a string.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>() : null;

    /// <summary>Null unless there is a whole number.</summary>
    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        if (node.At(path) is not JsonValue value || value.GetValueKind() != JsonValueKind.Number) return null;
        if (value.TryGetValue<long>(out var number)) return number;
        return value.TryGetValue<int>(out var small) ? small : null;
    }

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public static JsonObject? Object(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) as JsonObject;

    /// <summary>The elements of a list; none when there is no list.</summary>
    public static IEnumerable<JsonNode?> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) as JsonArray ?? [];

    /// <summary>The strings of a list.</summary>
    public static IEnumerable<string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Items(path).Select(i => i.Text()).OfType<string>();

    /// <summary>The object there, made when it is absent.</summary>
    public static JsonObject Ensure(this JsonObject node, string name)
    {
        if (node[name] is JsonObject found) return found;
        var made = new JsonObject();
        node[name] = made;
        return made;
    }

    /// <summary>Sets a field that is absent or null.</summary>
    public static void Default(this JsonObject node, string name, JsonNode value)
    {
        if (node[name] is null) node[name] = value;
    }

    /// <summary>Puts a copy of another object's field here, or takes the field out when that has
    /// none.</summary>
    public static void CopyFrom(this JsonObject node, JsonObject other, string name)
    {
        if (other[name] is { } value) node[name] = value.DeepClone();
        else node.Remove(name);
    }
}
