using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core;

namespace Causeway.Lab.ApiServer.Schema;

/// <param name="Object">The body; of a member that stands twice, the last.</param>
/// <param name="Duplicates">Paths of the members that stand twice, each once.</param>
public sealed record ParsedBody(JsonObject Object, IReadOnlyList<string> Duplicates);

/// <summary>
/// Reads request bodies: the Kubernetes protobuf encoding by its magic bytes, JSON (RFC 8259) by its opening
/// brace,
/// else YAML.
/// </summary>
public static class BodyParser
{
    /// <summary>The media type of the Kubernetes protobuf encoding.</summary>
    public const string ProtobufType = "application/vnd.kubernetes.protobuf";

    private const int MaxDepth = 128;
    private const int MaxDuplicates = 100;

    /// <exception cref="InputException">The bytes are no object in any of these forms; says
    /// where.</exception>
    public static ParsedBody Parse(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith(ProtobufBody.Magic)) return new(ProtobufBody.Parse(body), []);
        if (body.StartsWith("\uFEFF"u8)) body = body[3..];
        var start = body.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0) throw new InputException("the request has no body: send an object as JSON or YAML");
        List<string> duplicates = [];
        var node = body[start] == (byte)'{' ? ParseJson(body, duplicates) : YamlBody.Parse(body);
        return node is JsonObject obj
            ? new(obj, duplicates)
            : throw new InputException("the request's body is no object: it must hold fields such as apiVersion and kind");
    }

    private static JsonNode? ParseJson(ReadOnlySpan<byte> body, List<string> duplicates)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var node = ReadValue(ref reader, "", duplicates);
            return reader.Read() ? throw new InputException("the request's body goes on after the object") : node;
        }
        catch (JsonException e)
        {
            var line = (e.LineNumber ?? 0) + 1;
            throw new InputException($"the request's body is no JSON: line {line}, byte {e.BytePositionInLine}: "
                + e.Message.Split(" LineNumber")[0], e);
        }
        catch (InvalidOperationException e)
        {
            // The reader's word for text that is no UTF-8 or holds half a surrogate pair.
            throw new InputException("the request's body is no JSON: " + e.Message, e);
        }
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, string path, List<string> duplicates) =>
        reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, path, duplicates),
            JsonTokenType.StartArray => ReadArray(ref reader, path, duplicates),
            JsonTokenType.String => JsonValue.Create(reader.GetString()),
            JsonTokenType.True => JsonValue.Create(true),
            JsonTokenType.False => JsonValue.Create(false),
            JsonTokenType.Null => null,
            _ => reader.TryGetInt64(out var whole) ? JsonValue.Create(whole) : ReadNumber(ref reader),
        };

    private static JsonValue ReadNumber(ref Utf8JsonReader reader)
    {
        var number = reader.GetDouble();
        return double.IsFinite(number)
            ? JsonValue.Create(number)
            : throw new InputException($"the request's body holds the number "
                + $"{Encoding.UTF8.GetString(reader.ValueSpan)}, which is beyond what a number may be");
    }

    private static JsonObject ReadObject(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var obj = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            var child = JsonShape.Dotted(path, name);
            reader.Read();
            var value = ReadValue(ref reader, child, duplicates);
            if (obj.ContainsKey(name) && duplicates.Count < MaxDuplicates && !duplicates.Contains(child))
                duplicates.Add(child);
            obj[name] = value;
        }
        return obj;
    }

    private static JsonArray ReadArray(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var array = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            array.Add(ReadValue(ref reader, $"{path}[{array.Count}]", duplicates));
        return array;
    }
}
