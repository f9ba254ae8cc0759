using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.OpenApi;

/// <summary>
/// Encodes an OpenAPI v2 document as the protobuf message <c>openapi.v2.Document</c> of gnostic
/// (OpenAPIv2.proto),
/// the only form that older kubectls ask for. Field numbers below are that file's.
/// </summary>
internal static class GnosticEncoder
{
    private const string Extension = "x-";

    public static byte[] Encode(JsonObject document)
    {
        var writer = new ProtobufWriter();
        writer.Text(1, Str(document, "swagger"));
        writer.Message(2, document["info"] as JsonObject ?? [], static (w, info) =>
        {
            w.Text(1, Str(info, "title"));
            w.Text(2, Str(info, "version"));
        });
        writer.Message(8, document["paths"] as JsonObject ?? [], static (w, paths) => Named(w, 2, paths, PathItem));
        writer.Message(9, document["definitions"] as JsonObject ?? [],
            static (w, definitions) => Named(w, 1, definitions, Schema));
        return writer.Written.ToArray();
    }

    private static void PathItem(ProtobufWriter writer, JsonObject item)
    {
        foreach (var (method, field) in new[] { ("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("patch", 8) })
            if (item[method] is JsonObject operation) writer.Message(field, operation, Operation);
        Each(writer, 9, item["parameters"], Parameter);
    }

    private static void Operation(ProtobufWriter writer, JsonObject operation)
    {
        Texts(writer, 6, operation["produces"]);
        Texts(writer, 7, operation["consumes"]);
        Each(writer, 8, operation["parameters"], Parameter);
        if (operation["responses"] is JsonObject responses)
            writer.Message(9, responses, static (w, all) => Named(w, 1, all, Response));
        Extensions(writer, 13, operation);
    }

    // A ParametersItem that holds a Parameter.
    private static void Parameter(ProtobufWriter writer, JsonObject parameter) =>
        writer.Message(1, parameter, static (w, p) =>
        {
            if (Str(p, "in") == "body") w.Message(1, p, BodyParameter);
            else w.Message(2, p, static (inner, q) => inner.Message(Str(q, "in") == "path" ? 4 : 3, q, PlainParameter));
        });

    private static void BodyParameter(ProtobufWriter writer, JsonObject parameter)
    {
        writer.Text(2, Str(parameter, "name"));
        writer.Text(3, Str(parameter, "in"));
        writer.Flag(4, Flag(parameter, "required"));
        if (parameter["schema"] is JsonObject schema) writer.Message(5, schema, Schema);
    }

    private static void PlainParameter(ProtobufWriter writer, JsonObject parameter)
    {
        var isPath = Str(parameter, "in") == "path";
        writer.Flag(1, Flag(parameter, "required"));
        writer.Text(2, Str(parameter, "in"));
        writer.Text(4, Str(parameter, "name"));
        writer.Text(isPath ? 5 : 6, Str(parameter, "type"));
        writer.Flag(isPath ? 19 : 20, Flag(parameter, "uniqueItems"));
    }

    // A ResponseValue that holds a Response, whose schema is a SchemaItem.
    private static void Response(ProtobufWriter writer, JsonObject response) =>
        writer.Message(1, response, static (w, r) =>
        {
            w.Text(1, Str(r, "description"));
            if (r["schema"] is JsonObject schema)
                w.Message(2, schema, static (item, s) => item.Message(1, s, Schema));
        });

    private static void Schema(ProtobufWriter writer, JsonObject schema)
    {
        writer.Text(1, Str(schema, "$ref"));
        writer.Text(2, Str(schema, "format"));
        writer.Text(4, Str(schema, "description"));
        if (schema["default"] is { } value) writer.Message(5, value, Any);
        Limits(writer, schema);
        Texts(writer, 19, schema["required"]);
        foreach (var choice in schema["enum"] as JsonArray ?? [])
            if (choice is not null) writer.Message(20, choice, Any);
        if (schema["additionalProperties"] is JsonObject values)
            writer.Message(21, values, static (w, s) => w.Message(1, s, Schema));
        if (Str(schema, "type") is { } type) writer.Message(22, type, static (w, t) => w.Text(1, t));
        if (schema["items"] is JsonObject items)
            writer.Message(23, items, static (w, s) => w.Message(1, s, Schema));
        if (schema["properties"] is JsonObject properties)
            writer.Message(25, properties, static (w, all) => Named(w, 1, all, Schema));
        Extensions(writer, 31, schema);
    }

    private static void Limits(ProtobufWriter writer, JsonObject schema)
    {
        writer.Double(6, Number(schema, "multipleOf"));
        writer.Double(7, Number(schema, "maximum"));
        writer.Flag(8, Flag(schema, "exclusiveMaximum"));
        writer.Double(9, Number(schema, "minimum"));
        writer.Flag(10, Flag(schema, "exclusiveMinimum"));
        writer.Integer(11, (long)Number(schema, "maxLength"));
        writer.Integer(12, (long)Number(schema, "minLength"));
        writer.Text(13, Str(schema, "pattern"));
        writer.Integer(14, (long)Number(schema, "maxItems"));
        writer.Integer(15, (long)Number(schema, "minItems"));
        writer.Flag(16, Flag(schema, "uniqueItems"));
        writer.Integer(17, (long)Number(schema, "maxProperties"));
        writer.Integer(18, (long)Number(schema, "minProperties"));
    }

    private static void Extensions(ProtobufWriter writer, int field, JsonObject owner)
    {
        foreach (var (name, value) in owner)
        {
            if (value is null || !name.StartsWith(Extension, StringComparison.Ordinal)) continue;
            writer.Message(field, (name, value), static (w, pair) =>
            {
                w.Text(1, pair.name);
                w.Message(2, pair.value, Any);
            });
        }
    }

    // JSON is YAML too.
    private static void Any(ProtobufWriter writer, JsonNode value) =>
        writer.Text(2, JsonShape.Compact(value));

    private static void Named(
        ProtobufWriter writer, int field, JsonObject map, Action<ProtobufWriter, JsonObject> write)
    {
        foreach (var (name, value) in map)
        {
            if (value is not JsonObject obj) continue;
            writer.Message(field, (name, obj, write), static (w, pair) =>
            {
                w.Text(1, pair.name);
                w.Message(2, pair.obj, pair.write);
            });
        }
    }

    private static void Each(
        ProtobufWriter writer, int field, JsonNode? list, Action<ProtobufWriter, JsonObject> write)
    {
        foreach (var item in list as JsonArray ?? [])
            if (item is JsonObject obj) writer.Message(field, obj, write);
    }

    private static void Texts(ProtobufWriter writer, int field, JsonNode? list)
    {
        foreach (var item in list as JsonArray ?? []) writer.Text(field, item?.ToString());
    }

    private static string? Str(JsonObject obj, string name) => obj[name]?.ToString();

    private static bool Flag(JsonObject obj, string name) =>
        obj[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    private static double Number(JsonObject obj, string name) =>
        obj[name] is { } node && JsonShape.Number(node) is { } number ? (double)number : 0;
}
