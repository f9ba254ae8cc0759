using System.Globalization;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Patch;

/// <summary>A JSON pointer (RFC 6901): a path to a value, <c>/spec/ports/0</c>.</summary>
internal readonly record struct JsonPointer(IReadOnlyList<string> Steps)
{
    /// <exception cref="PatchException">Not empty, and not beginning with a slash.</exception>
    public static JsonPointer Parse(string text)
    {
        if (text.Length == 0) return new([]);
        if (text[0] != '/') throw new PatchException($"path '{text}' must begin with '/'");
        return new([.. text[1..].Split('/').Select(s => s.Replace("~1", "/").Replace("~0", "~"))]);
    }

    public string Last => Steps[^1];

    public bool IsRoot => Steps.Count == 0;

    public bool IsWithin(JsonPointer other) =>
        Steps.Count > other.Steps.Count && Steps.Take(other.Steps.Count).SequenceEqual(other.Steps);

    public JsonNode? Find(JsonNode? root) => Walk(root, Steps.Count);

    /// <summary>The object or list that holds the value.</summary>
    public JsonNode Parent(JsonNode? root) =>
        Walk(root, Steps.Count - 1) is { } parent and (JsonObject or JsonArray) ? parent : throw Missing();

    /// <summary>Of a list's element; one past the end is allowed where something is to be added.</summary>
    public int Index(JsonArray list, bool adding)
    {
        if (adding && Last == "-") return list.Count;
        var isNumber = int.TryParse(Last, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && (Last == "0" || Last[0] != '0');
        if (!isNumber) throw new PatchException($"'{Last}' in path '{this}' is no index of a list");
        return index < list.Count + (adding ? 1 : 0) ? index
            : throw new PatchException($"index {index} in path '{this}' is beyond the list's end");
    }

    public PatchException Missing() => new($"there is nothing at path '{this}'");

    public override string ToString() =>
        string.Concat(Steps.Select(s => "/" + s.Replace("~", "~0").Replace("/", "~1")));

    private JsonNode? Walk(JsonNode? node, int count)
    {
        for (var i = 0; i < count; i++)
        {
            JsonPointer here = new([.. Steps.Take(i + 1)]);
            node = node switch
            {
                JsonObject obj => obj.TryGetPropertyValue(Steps[i], out var field) ? field : throw Missing(),
                JsonArray list => list[here.Index(list, adding: false)],
                _ => throw Missing(),
            };
        }
        return node;
    }
}

/// <summary>A patch that is malformed, or does not fit the object.</summary>
public sealed class PatchException(string message) : Exception(message);
