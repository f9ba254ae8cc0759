using System.Collections.Frozen;
using System.Text.Json;

namespace Causeway.Lab.ApiServer.Selection;

/// <summary>Reads what selectors look at out of an object's JSON in one pass, without building a
/// tree.</summary>
public static class JsonScan
{
    private static readonly IReadOnlyDictionary<string, string> None = FrozenDictionary<string, string>.Empty;

    /// <summary>The values of <c>metadata.labels</c>.</summary>
    public static IReadOnlyDictionary<string, string> Labels(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (!Enter(ref reader, "metadata"u8) || !Enter(ref reader, "labels"u8)) return None;
        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = string.Intern(reader.GetString()!);
            reader.Read();
            labels[key] = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
        }
        return labels.Count == 0 ? None : labels;
    }

    /// <summary>The scalars at <see cref="FieldSelector.Paths"/>, as text.</summary>
    public static IReadOnlyDictionary<string, string> Selectable(ReadOnlySpan<byte> json)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) Keep(ref reader, name, fields);
            else if (FieldSelector.Parents.Contains(name)) ReadChildren(ref reader, name, fields);
            else reader.Skip();
        }
        return fields;
    }

    private static void ReadChildren(ref Utf8JsonReader reader, string parent, Dictionary<string,
        string> fields)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var path = FieldSelector.PathOf(parent, reader.GetString()!);
            reader.Read();
            if (path is null) reader.Skip();
            else Keep(ref reader, path, fields);
        }
    }

    private static void Keep(ref Utf8JsonReader reader, string path, Dictionary<string, string> fields)
    {
        if (FieldSelector.Paths.TryGetValue(path, out var known))
        {
            var text = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.True => "true",
                JsonTokenType.False => "false",
                JsonTokenType.Number => reader.GetInt64().ToString(null, null),
                _ => null,
            };
            if (text is not null) fields[known] = text;
        }
        reader.Skip();
    }

    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found) return reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
        }
        return false;
    }
}
