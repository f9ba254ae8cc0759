using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>
/// Reads objects of built-in kinds in the Kubernetes protobuf encoding: the bytes <c>k8s\0</c> and a
/// <c>runtime.Unknown</c> with the kind and the encoded object. Client libraries send it for built-in kinds.
/// </summary>
/// <remarks>The encoding writes fields without a value as empty text or zero time; those are left out
/// again.</remarks>
internal static class ProtobufBody
{
    private const int MaxDepth = 64;

    // Fields for which 0 or false says no more than leaving them out: JSON from the same clients leaves them
    // out.
    private static readonly FrozenSet<string> UnsetWhenZero = FrozenSet.ToFrozenSet(
    [
        "generation", "observedGeneration", "hostPort", "nodePort", "targetPort", "healthCheckNodePort",
        "publishNotReadyAddresses", "stdin", "stdinOnce", "tty", "hostNetwork", "hostPID", "hostIPC",
        "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
        "minReadySeconds", "paused", "readOnly", "unschedulable", "count",
    ], StringComparer.Ordinal);

    public static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <exception cref="InputException">Malformed, or of a kind that has no such encoding here.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> body)
    {
        var kind = default(GroupVersionKind);
        ReadOnlySpan<byte> raw = default;
        var envelope = new ProtobufReader(body[Magic.Length..]);
        while (envelope.Next())
        {
            if (envelope.Field == 1) kind = ReadKind(envelope.Content);
            else if (envelope.Field == 2) raw = envelope.Content;
        }
        var schema = string.IsNullOrEmpty(kind.Kind) ? null : SchemaRegistry.BuiltIn.Find(kind);
        if (schema is null || schema.Root.Properties.Values.All(p => p.WireNumber.Length == 0))
            throw new InputException($"the request's body is a {kind.Kind} in protobuf, which this server reads "
                + "for the kinds of k8s.io/api alone: send JSON");
        var obj = ReadMessage(schema.Root, raw, 0);
        obj["apiVersion"] = kind.ApiVersion;
        obj["kind"] = kind.Kind;
        return obj;
    }

    private static GroupVersionKind ReadKind(ReadOnlySpan<byte> content)
    {
        var (apiVersion, kind) = ("", "");
        var reader = new ProtobufReader(content);
        while (reader.Next())
        {
            if (reader.Field == 1) apiVersion = Text(reader.Content);
            else if (reader.Field == 2) kind = Text(reader.Content);
        }
        return GroupVersionKind.Of(apiVersion, kind);
    }

    private static JsonObject ReadMessage(SchemaNode node, ReadOnlySpan<byte> content, int depth)
    {
        var obj = new JsonObject();
        ReadFields(node, content, "", obj, depth);
        return obj;
    }

    // The prefix is the way through messages whose fields JSON shows inline.
    private static void ReadFields(
        SchemaNode node, ReadOnlySpan<byte> content, string prefix, JsonObject obj, int depth)
    {
        if (depth > MaxDepth) throw ProtobufReader.Malformed();
        var reader = new ProtobufReader(content);
        while (reader.Next())
        {
            var number = prefix + reader.Field.ToString(CultureInfo.InvariantCulture);
            var (name, field) = node.Properties.FirstOrDefault(p => p.Value.WireNumber == number);
            if (field is not null)
                Put(obj, name, field, reader, depth + 1);
            else if (node.Properties.Values.Any(p => p.WireNumber.StartsWith(number + ".", StringComparison.Ordinal)))
                ReadFields(node, reader.Content, number + ".", obj, depth + 1);
        }
    }

    private static void Put(JsonObject obj, string name, SchemaNode field, ProtobufReader reader, int depth)
    {
        if (field.Items is { } items)
        {
            if (obj[name] is not JsonArray list) obj[name] = list = [];
            ReadItems(items, reader, list, depth);
        }
        else if (field.Values is { } values)
        {
            if (obj[name] is not JsonObject map) obj[name] = map = [];
            ReadEntry(values, reader.Content, map, depth);
        }
        else if (ReadValue(field, reader, depth) is { } value && !IsUnset(name, value))
        {
            obj[name] = value;
        }
    }

    private static bool IsUnset(string name, JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.ToString().Length == 0,
        JsonValueKind.Number => UnsetWhenZero.Contains(name) && JsonShape.Number(value) == 0,
        JsonValueKind.False => UnsetWhenZero.Contains(name),
        _ => false,
    };

    private static void ReadItems(SchemaNode items, ProtobufReader reader, JsonArray list, int depth)
    {
        var packed = items.Type is SchemaType.Integer or SchemaType.Boolean;
        if (!packed || reader.WireType != ProtobufReader.Delimited)
        {
            list.Add(ReadValue(items, reader, depth));
            return;
        }
        var content = reader.Content;
        while (ProtobufReader.Unpack(ref content, out var number)) list.Add((JsonNode)Scalar(items, number));
    }

    private static void ReadEntry(SchemaNode values, ReadOnlySpan<byte> content, JsonObject map, int depth)
    {
        var key = "";
        JsonNode? value = null;
        var reader = new ProtobufReader(content);
        while (reader.Next())
        {
            if (reader.Field == 1) key = Text(reader.Content);
            else if (reader.Field == 2) value = ReadMapValue(values, reader, depth);
        }
        map[key] = value ?? (values.Type == SchemaType.String ? JsonValue.Create("") : null);
    }

    // A list as the value of a map is a message of its own, with the elements in field 1.
    private static JsonNode? ReadMapValue(SchemaNode values, ProtobufReader reader, int depth)
    {
        if (values.Items is not { } items) return ReadValue(values, reader, depth);
        var list = new JsonArray();
        var elements = new ProtobufReader(reader.Content);
        while (elements.Next()) list.Add(ReadValue(items, elements, depth));
        return list;
    }

    private static JsonNode? ReadValue(SchemaNode node, ProtobufReader reader, int depth) => node switch
    {
        { Format: "quantity" } => Single(reader.Content),
        { Format: "int-or-string" } => ReadIntOrString(reader.Content),
        { Format: "date-time" } => ReadTime(reader.Content, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        { Format: "micro-time" } => ReadTime(reader.Content, "yyyy-MM-dd'T'HH:mm:ss'.'ffffff'Z'"),
        { Format: "byte" } => JsonValue.Create(Convert.ToBase64String(reader.Content)),
        { Type: SchemaType.String } => JsonValue.Create(Text(reader.Content)),
        { Type: SchemaType.Any } => ReadRaw(reader.Content),
        { Type: SchemaType.Object } => ReadMessage(node, reader.Content, depth),
        _ => Scalar(node, reader.Number),
    };

    private static JsonValue Scalar(SchemaNode node, ulong number) => node.Type switch
    {
        SchemaType.Boolean => JsonValue.Create(number != 0),
        SchemaType.Number when BitConverter.UInt64BitsToDouble(number) is var value =>
            JsonValue.Create(double.IsFinite(value) ? value : throw ProtobufReader.Malformed()),
        _ => JsonValue.Create((long)number),
    };

    private static JsonValue Single(ReadOnlySpan<byte> content)
    {
        var reader = new ProtobufReader(content);
        return JsonValue.Create(reader.Next() ? Text(reader.Content) : "");
    }

    private static JsonValue ReadIntOrString(ReadOnlySpan<byte> content)
    {
        var (isText, number, text) = (false, 0L, "");
        var reader = new ProtobufReader(content);
        while (reader.Next())
        {
            if (reader.Field == 1) isText = reader.Number != 0;
            else if (reader.Field == 2) number = (int)reader.Number;
            else if (reader.Field == 3) text = Text(reader.Content);
        }
        return isText ? JsonValue.Create(text) : JsonValue.Create(number);
    }

    private static JsonValue? ReadTime(ReadOnlySpan<byte> content, string format)
    {
        if (content.IsEmpty) return null;
        var (seconds, nanoseconds) = (0L, 0L);
        var reader = new ProtobufReader(content);
        while (reader.Next())
        {
            if (reader.Field == 1) seconds = (long)reader.Number;
            else if (reader.Field == 2) nanoseconds = (int)reader.Number;
        }
        if (seconds is < -62_135_596_800 or > 253_402_300_799 || nanoseconds is < 0 or > 999_999_999)
            throw ProtobufReader.Malformed();
        var time = DateTime.UnixEpoch.AddSeconds(seconds).AddTicks(nanoseconds / 100);
        return JsonValue.Create(time.ToString(format, CultureInfo.InvariantCulture));
    }

    // FieldsV1 and RawExtension: JSON in field 1.
    private static JsonNode? ReadRaw(ReadOnlySpan<byte> content)
    {
        var reader = new ProtobufReader(content);
        if (!reader.Next() || reader.Content.IsEmpty) return null;
        try
        {
            return JsonNode.Parse(reader.Content);
        }
        catch (JsonException e)
        {
            throw new InputException("the request's body holds a raw value that is no JSON: " + e.Message, e);
        }
    }

    private static string Text(ReadOnlySpan<byte> content) => Encoding.UTF8.GetString(content);
}
