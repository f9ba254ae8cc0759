using System.Text.Json.Nodes;
using Causeway.Core;
using YamlDotNet.RepresentationModel;

namespace Causeway.Kubernetes.Manifests;

/// <summary>One YAML document as a JSON tree, with the line of each field.</summary>
internal sealed class YamlToJson(string file)
{
    private readonly Dictionary<string, int> _lines = [];

    public IReadOnlyDictionary<string, int> Lines => _lines;

    /// <summary>Throws <see cref="InputException"/> with file, line and field.</summary>
    public JsonNode? Convert(YamlNode node) => Convert(node, "");

    private JsonNode? Convert(YamlNode node, string path)
    {
        _lines.TryAdd(path, (int)node.Start.Line);
        return node switch
        {
            YamlMappingNode mapping => Mapping(mapping, path),
            YamlSequenceNode sequence => Sequence(sequence, path),
            YamlScalarNode scalar => YamlScalar.ToJson(scalar),
            _ => throw Error(node, path, "is neither a value, a list nor a mapping"),
        };
    }

    private JsonObject Mapping(YamlMappingNode mapping, string path)
    {
        var result = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { } name })
                throw Error(key, path, "has a key that is not a plain word");
            if (name == "<<")
            {
                Merge(result, value, path);
                continue;
            }
            var child = path.Length == 0 ? name : $"{path}.{name}";
            _lines[child] = (int)key.Start.Line;
            result[name] = Convert(value, child);
        }
        return result;
    }

    // The merge key of YAML 1.1: what the mapping says itself wins, wherever it stands.
    private void Merge(JsonObject into, YamlNode value, string path)
    {
        foreach (var source in value is YamlSequenceNode many ? many.Children : [value])
        {
            if (source is not YamlMappingNode mapping) throw Error(source, path, "'<<' takes a mapping");
            foreach (var (name, child) in Mapping(mapping, path).ToArray())
                if (!into.ContainsKey(name)) into[name] = child?.DeepClone();
        }
    }

    private JsonArray Sequence(YamlSequenceNode sequence, string path)
    {
        var result = new JsonArray();
        for (var i = 0; i < sequence.Children.Count; i++)
            result.Add(Convert(sequence.Children[i], $"{path}[{i}]"));
        return result;
    }

    private InputException Error(YamlNode node, string path, string what) =>
        new($"{file}:{node.Start.Line}: {(path.Length == 0 ? "the document" : path)} {what}");
}
