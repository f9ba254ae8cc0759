using System.Text.Json.Nodes;
using Causeway.Core;
using YamlDotNet.RepresentationModel;

namespace Causeway.Kubernetes.Manifests;

/// <summary>Reads manifests: YAML or JSON, several documents in a text, <c>kind: List</c> taken apart.</summary>
public static class ManifestReader
{
    /// <summary>Throws <see cref="InputException"/> with file, line and field for whatever is wrong.</summary>
    /// <param name="file">For messages.</param>
    public static IReadOnlyList<Manifest> Read(string text, string file)
    {
        List<Manifest> manifests = [];
        foreach (var document in Load(text, file))
        {
            var converter = new YamlToJson(file);
            var tree = converter.Convert(document.RootNode);
            // A document of comments alone is how many files end.
            if (tree is null) continue;
            if (tree is not JsonObject item)
                throw new InputException($"{file}:{document.RootNode.Start.Line}: an object is expected, with apiVersion and kind");
            Add(manifests, item, file, converter.Lines, "");
        }
        return manifests;
    }

    private static IList<YamlDocument> Load(string text, string file)
    {
        if (YamlText.TryLoad(text, out var documents, out var fault)) return documents;
        var line = fault.At is { } at ? $":{at.Line}" : "";
        throw new InputException($"{file}{line}: not valid YAML: {fault.Cause}", fault.Exception);
    }

    private static void Add(
        List<Manifest> into, JsonObject item, string file, IReadOnlyDictionary<string, int> lines, string prefix)
    {
        Need(item, "apiVersion", file, lines, prefix);
        var kind = Need(item, "kind", file, lines, prefix);
        if (kind == "List" || (kind.EndsWith("List", StringComparison.Ordinal) && item["items"] is JsonArray))
        {
            if (item["items"] is not JsonArray items)
                throw Error(file, lines, prefix + "items", "a list is expected here");
            for (var i = 0; i < items.Count; i++)
            {
                var path = $"{prefix}items[{i}].";
                if (items[i] is not JsonObject inner) throw Error(file, lines, path[..^1], "an object is expected here");
                Add(into, (JsonObject)inner.DeepClone(), file, lines, path);
            }
            return;
        }
        if (item["metadata"] is not JsonObject metadata)
            throw Error(file, lines, prefix + "metadata", item.ContainsKey("metadata") ? "a mapping is expected here" : "is missing");
        Need(metadata, "name", file, lines, prefix + "metadata.");
        if (metadata["namespace"] is { } ns && !IsText(ns))
            throw Error(file, lines, prefix + "metadata.namespace", "text is expected here; put it in quotes");
        into.Add(new(item, file, prefix.Length == 0 ? lines : Below(lines, prefix)));
    }

    private static string Need(
        JsonObject item, string field, string file, IReadOnlyDictionary<string, int> lines, string prefix)
    {
        if (item[field] is not { } value)
            throw Error(file, lines, prefix + field, "is missing");
        if (!IsText(value)) throw Error(file, lines, prefix + field, "text is expected here; put it in quotes");
        var text = (string)value!;
        return text.Length > 0 ? text : throw Error(file, lines, prefix + field, "is empty");
    }

    private static bool IsText(JsonNode node) => node is JsonValue value && value.TryGetValue<string>(out _);

    // A field that is not there has no line: the nearest that is there around it has one.
    private static InputException Error(
        string file, IReadOnlyDictionary<string, int> lines, string path, string what)
    {
        var near = path;
        while (near.Length > 0 && !lines.ContainsKey(near))
            near = near.LastIndexOfAny(['.', '[']) is > 0 and var cut ? near[..cut] : "";
        return new($"{file}:{lines.GetValueOrDefault(near, 1)}: {path}: {what}");
    }

    private static Dictionary<string, int> Below(IReadOnlyDictionary<string, int> lines, string prefix)
    {
        var below = lines.Where(l => l.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(l => l.Key[prefix.Length..], l => l.Value);
        below[""] = lines.GetValueOrDefault(prefix[..^1], 1);
        return below;
    }
}
