using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Store;

/// <summary>
/// An object as UTF-8 JSON but for its resourceVersion, which is known only once the write has its place in
/// the order of all writes. It begins with apiVersion, kind and metadata, so that the gap is found without
/// parsing.
/// </summary>
public sealed class ObjectDocument
{
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly byte[] _bytes;
    private readonly int _gap;

    private ObjectDocument(byte[] bytes, int gap)
    {
        _bytes = bytes;
        _gap = gap;
    }

    /// <param name="value">Has apiVersion, kind, and metadata with a name. Is not kept.</param>
    public static ObjectDocument Of(JsonObject value)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        WriteProperty(writer, "apiVersion", value["apiVersion"]);
        WriteProperty(writer, "kind", value["kind"]);
        writer.WritePropertyName("metadata");
        writer.WriteStartObject();
        writer.Flush();
        var gap = buffer.WrittenCount;
        foreach (var (name, node) in value["metadata"]!.AsObject())
            if (name != "resourceVersion")
                WriteProperty(writer, name, node);
        writer.WriteEndObject();
        foreach (var (name, node) in value)
            if (name is not ("apiVersion" or "kind" or "metadata"))
                WriteProperty(writer, name, node);
        writer.WriteEndObject();
        writer.Flush();
        return new(buffer.WrittenSpan.ToArray(), gap);
    }

    /// <summary>The whole JSON, with this revision.</summary>
    public byte[] Stamp(long revision)
    {
        Span<byte> stamp = stackalloc byte[64];
        Encoding.UTF8.TryGetBytes($"\"resourceVersion\":\"{revision}\",", stamp, out var length);
        var json = new byte[_bytes.Length + length];
        _bytes.AsSpan(0, _gap).CopyTo(json);
        stamp[..length].CopyTo(json.AsSpan(_gap));
        _bytes.AsSpan(_gap).CopyTo(json.AsSpan(_gap + length));
        return json;
    }

    private static void WriteProperty(Utf8JsonWriter writer, string name, JsonNode? node)
    {
        writer.WritePropertyName(name);
        if (node is null) writer.WriteNullValue();
        else node.WriteTo(writer);
    }
}
