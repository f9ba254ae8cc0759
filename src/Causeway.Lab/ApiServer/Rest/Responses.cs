using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>Writing answers.</summary>
internal static class Responses
{
    public const string Json = "application/json";

    public static byte[] Utf8(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions
        {
            Encoder = Schema.JsonShape.Encoder, SkipValidation = true,
        }))
        {
            node.WriteTo(writer);
        }
        return buffer.WrittenSpan.ToArray();
    }

    public static async Task WriteAsync(
        this HttpContext http, int code, ReadOnlyMemory<byte> body, string contentType = Json)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }

    public static Task WriteAsync(this HttpContext http, int code, JsonNode body) =>
        WriteAsync(http, code, Utf8(body));

    public static Task WriteErrorAsync(this HttpContext http, StatusException error)
    {
        if (error.Status["details"]?["retryAfterSeconds"] is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString();
        return WriteAsync(http, error.Code, Utf8(error.Status));
    }

    /// <summary>That something was done which has no object to show.</summary>
    public static JsonObject Success(ResourceType type, string name, string? uid, int code = 200)
    {
        JsonObject details = new() { ["name"] = name };
        if (type.Group.Length > 0) details["group"] = type.Group;
        details["kind"] = type.Plural;
        if (uid is not null) details["uid"] = uid;
        JsonObject status = new()
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(),
                ["status"] = "Success",
            ["details"] = details,
        };
        if (code != 200) status["code"] = code;
        return status;
    }

    /// <summary>A Warning header (RFC 7234 section 5.5) as kubectl shows it.</summary>
    public static void Warn(this HttpContext http, string text) =>
        http.Response.Headers.Append("Warning", $"299 - \"{text.Replace("\\",
            "\\\\").Replace("\"", "\\\"")}\"");
}
