using System.Text.Json;

namespace Causeway.Kubernetes.Watching;

/// <summary>Bytes of the API's lists and watches to objects, without an intermediate tree.</summary>
internal static class EventDecoder
{
    /// <summary>Reads <c>{"type":T,"object":O}</c>, in either order.</summary>
    /// <exception cref="KubeException">The event is an ERROR: its Status.</exception>
    /// <exception cref="JsonException">The line is not an event.</exception>
    public static WatchEvent<T> Decode<T>(ReadOnlySpan<byte> line, KubeType<T> type, string operation)
    {
        var (kind, place) = Split(line);
        var body = line[place];
        if (kind == "ERROR") throw KubeException.Of(0, body, operation, null);
        var meta = MetadataOf(body);
        if (kind == "BOOKMARK") return new(WatchEventKind.Bookmark, default, meta.ResourceVersion);
        var what = kind switch
        {
            "ADDED" => WatchEventKind.Added,
            "MODIFIED" => WatchEventKind.Modified,
            "DELETED" => WatchEventKind.Deleted,
            _ => throw new JsonException($"'{kind}' is not a type of watch event"),
        };
        try
        {
            return new(what, JsonSerializer.Deserialize(body, type.Json), meta.ResourceVersion);
        }
        catch (JsonException e)
        {
            return new(what, default, meta.ResourceVersion, $"{type.Resource.Kind} {meta.Key}: {e.Message}");
        }
    }

    private static (string Kind, Range Body) Split(ReadOnlySpan<byte> line)
    {
        string? kind = null;
        Range? body = null;
        var reader = new Utf8JsonReader(line);
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String) kind = reader.GetString();
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isObject) body = from..(int)reader.BytesConsumed;
        }
        return kind is not null && body is { } place
            ? (kind, place)
            : throw new JsonException("a watch event has a type and an object");
    }

    /// <summary>The identity in an object's <c>metadata</c>, read without decoding the rest.</summary>
    public static ObjectIdentity MetadataOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (found && reader.TokenType == JsonTokenType.StartObject) return ReadMetadata(ref reader);
            reader.Skip();
        }
        return default;
    }

    private static ObjectIdentity ReadMetadata(ref Utf8JsonReader reader)
    {
        var identity = new ObjectIdentity(null, "", null, null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                reader.Skip();
                continue;
            }
            identity = field switch
            {
                "namespace" => identity with { Namespace = reader.GetString() },
                "name" => identity with { Name = reader.GetString()! },
                "uid" => identity with { Uid = reader.GetString() },
                "resourceVersion" => identity with { ResourceVersion = reader.GetString() },
                _ => identity,
            };
        }
        return identity;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (!reader.Read() || reader.TokenType != token)
            throw new JsonException("a watch event is a JSON object");
    }
}
