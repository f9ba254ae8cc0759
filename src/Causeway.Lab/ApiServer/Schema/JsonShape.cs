using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>Small questions about JSON values.</summary>
internal static class JsonShape
{
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly JsonWriterOptions Plain = new() { Encoder = Encoder };

    /// <summary>The OpenAPI name of the type that a value has.</summary>
    public static string TypeName(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => IsInteger(value) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    public static bool IsString(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String;

    /// <summary>A number without a fractional part; 3.0 and 1e2 are whole too.</summary>
    public static bool IsInteger(JsonNode value) =>
        value.GetValueKind() == JsonValueKind.Number && Number(value) is { } number && number == decimal.Truncate(number);

    /// <summary>Null when the value is no number or does not fit.</summary>
    public static decimal? Number(JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.Number) return null;
        return decimal.TryParse(value.ToJsonString(), System.Globalization.NumberStyles.Float, null, out var number)
            ? number : null;
    }

    /// <summary>One line, nothing escaped that JSON does not oblige to.</summary>
    public static string Compact(JsonNode value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain)) value.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Same value: numbers by value, objects whatever the order of their members.</summary>
    public static bool Same(JsonNode? a, JsonNode? b)
    {
        if (a is null || b is null) return a is null && b is null;
        if (a is JsonObject x)
        {
            if (b is not JsonObject y || x.Count != y.Count) return false;
            foreach (var (name, value) in x)
                if (!y.TryGetPropertyValue(name, out var other) || !Same(value, other)) return false;
            return true;
        }
        if (a is JsonArray m)
        {
            if (b is not JsonArray n || m.Count != n.Count) return false;
            for (var i = 0; i < m.Count; i++)
                if (!Same(m[i], n[i])) return false;
            return true;
        }
        return JsonNode.DeepEquals(a, b);
    }

    /// <summary>A path one field further: dotted, or in brackets where the name has dots or
    /// slashes.</summary>
    public static string Child(string path, string name)
    {
        if (name.AsSpan().ContainsAny('.', '/')) return $"{path}[{name}]";
        return path.Length == 0 ? name : $"{path}.{name}";
    }

    /// <summary>A path one field further, dotted whatever the name: as decoding errors have it.</summary>
    public static string Dotted(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
