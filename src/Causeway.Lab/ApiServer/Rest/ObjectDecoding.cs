using System.Text.Json.Nodes;
using Causeway.Core;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>From the bytes of a request to an object that fits its kind.</summary>
internal static class ObjectDecoding
{
    // BodyParser tells the forms apart by their first bytes.
    private const string Accepted = $"application/json, application/yaml, {BodyParser.ProtobufType}";

    public static ParsedBody Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return BodyParser.Parse(body);
        }
        catch (InputException e)
        {
            throw StatusException.BadRequest(e.Message);
        }
    }

    /// <summary>The body in whichever form the client sends it.</summary>
    public static async Task<ParsedBody> ReadBodyAsync(ApiRequest request) =>
        ParseBody(request, await request.ReadBodyAsync());

    public static ParsedBody ParseBody(ApiRequest request, byte[] body)
    {
        if (request.ContentType
            is not ("" or "application/json" or "application/yaml" or "*/*" or BodyParser.ProtobufType))
        {
            throw StatusException.UnsupportedMediaType(Accepted);
        }
        return Parse(body);
    }

    /// <summary>The body of a create or update.</summary>
    public static async Task<JsonObject> ReadAsync(
        ApiRequest request, ResourceCatalog catalog, WriteOptions options)
    {
        var parsed = await ReadBodyAsync(request);
        return Fit(request, catalog, options, parsed.Object, parsed.Duplicates);
    }

    /// <summary>Unknown fields dropped, told or refused; a custom kind's defaults filled in.</summary>
    /// <param name="defaults">False for the configuration of a server-side apply.</param>
    public static JsonObject Fit(
        ApiRequest request, ResourceCatalog catalog, WriteOptions options, JsonObject value,
        IReadOnlyList<string> duplicates, bool defaults = true)
    {
        var type = request.Type;
        value.Default("apiVersion", type.ApiVersion);
        value.Default("kind", type.Kind);
        if (value.Text("apiVersion") != type.ApiVersion)
        {
            throw StatusException.BadRequest($"the API version in the data ({value.Text("apiVersion")}) does not match"
                + $" the expected API version ({type.ApiVersion})");
        }
        if (value.Text("kind") != type.Kind)
        {
            throw StatusException.BadRequest($"{value.Text("kind")} in version \"{type.Version}\" cannot be handled"
                + $" as a {type.Kind}");
        }
        if (catalog.Schemas.Find(type.GroupVersionKind) is not { } schema) return value;
        var decoded = ObjectDecoder.Decode(schema, value, duplicates, defaults);
        if (decoded.Error is { } error) throw StatusException.BadRequest(error);
        if (options.Validation == FieldValidation.Strict && decoded.StrictError is { } strict)
            throw StatusException.BadRequest(strict);
        if (options.Validation == FieldValidation.Warn)
            foreach (var finding in decoded.Strict) request.Http.Warn(finding);
        return decoded.Object;
    }
}
