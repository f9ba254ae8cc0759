using Causeway.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Causeway.Kubernetes.Configuration;

/// <summary>A node of a YAML document that knows its file, its line and its path, so that errors can name
/// them.</summary>
internal sealed class YamlField(YamlNode node, string path, string file)
{
    public string File => file;

    public string Path => path;

    /// <summary>The single document of a text. Throws <see cref="InputException"/> on anything
    /// else.</summary>
    public static YamlField Read(string text, string file)
    {
        if (!YamlText.TryLoad(text, out var documents, out var fault))
        {
            var line = fault.At is { } at ? $":{at.Line}" : "";
            throw new InputException($"{file}{line}: not valid YAML: {fault.Exception.Message}", fault.Exception);
        }
        return documents.Count switch
        {
            0 => throw new InputException($"{file}: is empty"),
            1 => new(documents[0].RootNode, "", file),
            var count => throw new InputException($"{file}: holds {count} YAML documents; one is expected"),
        };
    }

    public InputException Error(string message) =>
        new($"{file}:{node.Start.Line}: {(path.Length == 0 ? "" : path + ": ")}{message}");

    /// <summary>A field of a mapping; null when absent or null.</summary>
    public YamlField? Child(string key)
    {
        if (node is not YamlMappingNode mapping) throw Error("a mapping is expected here");
        return mapping.Children.TryGetValue(new YamlScalarNode(key), out var child) && !IsNull(child)
            ? new(child, path.Length == 0 ? key : $"{path}.{key}", file)
            : null;
    }

    /// <summary>A field that must be there.</summary>
    public YamlField Need(string key) => Child(key) ?? throw Error($"'{key}' is missing");

    /// <summary>A scalar field; null when absent, null or empty.</summary>
    public string? Text(string key) => Child(key)?.Scalar() is { Length: > 0 } text ? text : null;

    public bool Flag(string key) => Text(key) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw Child(key)!.Error($"'{other}' is neither true nor false"),
    };

    public string Scalar() => node is YamlScalarNode scalar
        ? scalar.Value ?? ""
        : throw Error("a single value is expected here");

    /// <summary>The entries of a sequence; none when the field is absent.</summary>
    public IEnumerable<YamlField> Items(string key)
    {
        if (Child(key) is not { } child) yield break;
        if (child.Node is not YamlSequenceNode sequence) throw child.Error("a list is expected here");
        for (var i = 0; i < sequence.Children.Count; i++)
            yield return new(sequence.Children[i], $"{child.Path}[{i}]", file);
    }

    private YamlNode Node => node;

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" };
}
