using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Causeway.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>Reads one YAML document as JSON (YAML 1.2 core schema; <c>yes</c> and <c>no</c> are
/// text).</summary>
internal static class YamlBody
{
    private static readonly SearchValues<char> NumberText = SearchValues.Create("+-.eE0123456789");

    public static JsonNode? Parse(ReadOnlySpan<byte> body)
    {
        if (!YamlText.TryLoad(Encoding.UTF8.GetString(body), out var documents, out var fault))
        {
            var line = fault.At is { } at ? $"line {at.Line}: " : "";
            throw new InputException($"the request's body is no YAML: {line}{fault.Exception.Message}", fault.Exception);
        }
        return documents is [var only] ? Convert(only.RootNode)
            : throw new InputException($"the request's body holds {documents.Count} YAML documents: send one");
    }

    private static JsonNode? Convert(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                var obj = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    if (key is not YamlScalarNode { Value: { } name })
                        throw new InputException($"the request's body, line {key.Start.Line}: a key must be text");
                    obj[name] = Convert(value);
                }
                return obj;
            case YamlSequenceNode sequence:
                var array = new JsonArray();
                foreach (var item in sequence.Children) array.Add(Convert(item));
                return array;
            default:
                return Scalar((YamlScalarNode)node);
        }
    }

    private static JsonValue? Scalar(YamlScalarNode node)
    {
        var text = node.Value ?? "";
        if (node.Style is not (ScalarStyle.Plain or ScalarStyle.Any)) return JsonValue.Create(text);
        if (text is "" or "~" or "null" or "Null" or "NULL") return null;
        if (text is "true" or "True" or "TRUE") return JsonValue.Create(true);
        if (text is "false" or "False" or "FALSE") return JsonValue.Create(false);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        var isNumber = char.IsAsciiDigit(text[^1]) || text[^1] == '.';
        if (isNumber && text.AsSpan().IndexOfAnyExcept(NumberText) < 0
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number))
        {
            return JsonValue.Create(number);
        }
        return JsonValue.Create(text);
    }
}
