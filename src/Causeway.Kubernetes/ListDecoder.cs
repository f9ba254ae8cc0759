using System.Text.Json;
using Causeway.Core.Cluster;
using Causeway.Kubernetes.Watching;

namespace Causeway.Kubernetes;

/// <summary>Reads a list object of any kind, given only how one item is read.</summary>
internal static class ListDecoder
{
    /// <param name="onProblem">Told of each item that cannot be decoded, which is then left out. Null: the
    /// first such item throws.</param>
    /// <exception cref="JsonException">The body is not a list.</exception>
    public static KubeList<T> Decode<T>(ReadOnlySpan<byte> body, KubeType<T> type, Action<string>? onProblem)
    {
        var metadata = new ListMeta();
        List<T> items = [];
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("a list is a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            var isItems = reader.ValueTextEquals("items"u8);
            reader.Read();
            if (isMetadata && reader.TokenType == JsonTokenType.StartObject) metadata = Meta(ref reader);
            else if (isItems && reader.TokenType == JsonTokenType.StartArray)
                Items(ref reader, body, type, items, onProblem);
            else reader.Skip();
        }
        return new() { Metadata = metadata, Items = items };
    }

    private static void Items<T>(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> body, KubeType<T> type, List<T> items,
        Action<string>? onProblem)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var before = reader;
            var from = (int)reader.TokenStartIndex;
            try
            {
                items.Add(JsonSerializer.Deserialize(ref reader, type.Json)
                    ?? throw new JsonException("an item is null"));
            }
            catch (JsonException e) when (onProblem is not null)
            {
                reader = before;
                reader.Skip();
                var identity = EventDecoder.MetadataOf(body[from..(int)reader.BytesConsumed]);
                onProblem($"{type.Resource.Kind} {identity.Key}: {e.Message}");
            }
        }
    }

    private static ListMeta Meta(ref Utf8JsonReader reader)
    {
        var meta = new ListMeta();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("resourceVersion"u8);
            var isContinue = reader.ValueTextEquals("continue"u8);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) reader.Skip();
            else if (isVersion) meta = meta with { ResourceVersion = reader.GetString() };
            else if (isContinue) meta = meta with { Continue = reader.GetString() };
        }
        return meta;
    }
}
