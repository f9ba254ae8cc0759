using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.Apply;

/// <summary>One step of a path, in its FieldsV1 form.</summary>
internal static class PathElement
{
    public static string Field(string name) => "f:" + name;

    /// <summary>The element that names an item of a set, or of a list with keys.</summary>
    public static string Item(SchemaNode list, JsonNode? item)
    {
        if (list.ListKind == ListKind.Set) return "v:" + (item is null ? "null" : JsonShape.Compact(item));
        var key = new JsonObject();
        foreach (var name in list.ListKeys.Order(StringComparer.Ordinal))
        {
            var value = (item as JsonObject)?[name] ?? list.Items?.Field(name)?.Default;
            key[name] = value?.DeepClone();
        }
        return "k:" + JsonShape.Compact(key);
    }

    /// <summary>As messages show it: <c>.name</c>, <c>[name="a"]</c>, <c>[="a"]</c>.</summary>
    public static string Show(string element)
    {
        var text = element[2..];
        switch (element[0])
        {
            case 'f':
                return "." + text;
            case 'k' when Parse(text) is JsonObject key:
                return $"[{string.Join(',', key.Select(p => $"{p.Key}={p.Value?.ToJsonString() ?? "null"}"))}]";
            case 'v':
                return $"[={text}]";
            default:
                return $"[{text}]";
        }
    }

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
