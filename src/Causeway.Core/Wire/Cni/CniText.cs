using System.Buffers;
using System.Text;
using System.Text.Json;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Cni;

/// <summary>
/// Reading and writing the JSON of CNI by hand: the plugin starts once per pod, and a serializer's start-up
/// would cost more than all its work. Errors name the field by its path and carry the specification's code 7.
/// </summary>
internal static class CniText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = PlainJson.Encoder };

    public static string Write(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Options)) body(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void OptionalString(this Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) writer.WriteString(name, value);
    }

    public static void OptionalNumber(this Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number) writer.WriteNumber(name, number);
    }

    public static void StringArray(
        this Utf8JsonWriter writer, string name, IReadOnlyCollection<string> values)
    {
        if (values.Count == 0) return;
        writer.WriteStartArray(name);
        foreach (var value in values) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    /// <summary>A string with lone surrogates is not text: the reader's own exception becomes a field
    /// error.</summary>
    public static string Text(this JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Invalid("text", "a string holds bytes that are not Unicode text");
        }
    }

    /// <summary>The member, or nothing when it is absent or null.</summary>
    public static JsonElement? Member(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    public static string? OptionalString(this JsonElement json, string name, string path)
    {
        if (json.Member(name) is not { } member) return null;
        if (member.ValueKind != JsonValueKind.String) throw Wanted(path + name, "a string", member);
        return member.Text();
    }

    public static bool Flag(this JsonElement json, string name, string path) => json.Member(name) switch
    {
        null => false,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Wanted(path + name, "true or false", other),
    };

    public static int? OptionalInt(this JsonElement json, string name, string path)
    {
        if (json.Member(name) is not { } member) return null;
        if (member.ValueKind != JsonValueKind.Number || !member.TryGetInt32(out var number))
            throw Wanted(path + name, "a whole number", member);
        return number;
    }

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name, string path)
    {
        if (json.Member(name) is not { } member) return [];
        if (member.ValueKind != JsonValueKind.Array) throw Wanted(path + name, "an array", member);
        return member.EnumerateArray();
    }

    public static JsonElement? OptionalObject(this JsonElement json, string name, string path)
    {
        if (json.Member(name) is not { } member) return null;
        return member.ValueKind == JsonValueKind.Object
            ? member
            : throw Wanted(path + name, "an object", member);
    }

    public static List<string> Strings(this JsonElement json, string name, string path)
    {
        var strings = new List<string>();
        foreach (var item in json.Items(name, path))
        {
            if (item.ValueKind != JsonValueKind.String)
                throw Wanted($"{path}{name}[{strings.Count}]", "a string", item);
            strings.Add(item.Text());
        }
        return strings;
    }

    public static IpAddress? OptionalAddress(this JsonElement json, string name, string path)
    {
        if (json.OptionalString(name, path) is not { Length: > 0 } text) return null;
        return IpAddress.TryParse(text, out var address)
            ? address
            : throw Invalid(path + name, $"'{text}' is not an IP address");
    }

    public static CniException Wanted(string path, string what, JsonElement found) =>
        Invalid(path, $"{what} is wanted, not {Describe(found.ValueKind)}");

    public static CniException Invalid(string path, string problem) =>
        new(CniErrorCode.InvalidConfiguration, "invalid network configuration", $"{path}: {problem}");

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "this number",
        _ => "true or false",
    };
}
