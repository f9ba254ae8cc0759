using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Patch;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Schema.Apply;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>patch: JSON patch, merge patch, strategic merge patch and server-side apply, by content
/// type.</summary>
internal sealed class PatchVerb(ServerContext server, ObjectWriter writer)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergeType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";

    /// <summary>The object as it is then, and whether it is new.</summary>
    public async Task<(StoredObject Object, bool IsNew)> RunAsync(ApiRequest request)
    {
        var options = WriteOptions.Of(request);
        if (request.ContentType == ApplyType) return await ApplyAsync(request,
            options with { IsApply = true });
        var patch = await ReadAsync(request);
        var result = await writer.UpdateAsync(request.Type, request.Key, request.Subresource, options, live =>
        {
            var patched = patch(live);
            return ObjectDecoding.Fit(request, server.Catalog, options, patched, []);
        });
        return (result, false);
    }

    /// <summary>The body as a function from an object to the patched one. Other subresources use it as
    /// well.</summary>
    public async Task<Func<JsonObject, JsonObject>> ReadAsync(ApiRequest request)
    {
        var body = await request.ReadBodyAsync();
        var apply = request.ContentType switch
        {
            JsonPatchType => JsonPatchOf(body),
            MergeType => MergePatchOf(body),
            StrategicType when Strategic(request.Type) is { } schema => StrategicPatchOf(schema, body),
            _ => throw StatusException.UnsupportedMediaType(request.Type.Custom is null
                ? $"{JsonPatchType}, {MergeType}, {StrategicType}, {ApplyType}"
                : $"{JsonPatchType}, {MergeType}, {ApplyType}"),
        };
        return live =>
        {
            try
            {
                return apply(live) as JsonObject
                    ?? throw StatusException.BadRequest("the patch leaves no object");
            }
            catch (PatchException e)
            {
                throw StatusException.BadRequest($"the server rejected our request: {e.Message}");
            }
            catch (InputException e)
            {
                throw StatusException.BadRequest(e.Message);
            }
        };
    }

    private ObjectSchema? Strategic(ResourceType type) =>
        type.Custom is null ? server.Catalog.Schemas.Find(type.GroupVersionKind) : null;

    private static Func<JsonObject, JsonNode?> JsonPatchOf(byte[] body)
    {
        try
        {
            var patch = JsonNode.Parse(body) as JsonArray
                ?? throw StatusException.BadRequest("a JSON patch must be a list of operations");
            return live => JsonPatch.Apply(live, patch);
        }
        catch (JsonException e)
        {
            throw StatusException.BadRequest($"error decoding patch: {e.Message}");
        }
    }

    private static Func<JsonObject, JsonNode?> MergePatchOf(byte[] body)
    {
        var patch = ObjectDecoding.Parse(body).Object;
        return live => MergePatch.Apply(live, patch);
    }

    private static Func<JsonObject, JsonNode?> StrategicPatchOf(ObjectSchema schema, byte[] body)
    {
        var patch = ObjectDecoding.Parse(body).Object;
        return live => StrategicMergePatch.Apply(schema.Root, live, patch);
    }

    private async Task<(StoredObject Object, bool IsNew)> ApplyAsync(ApiRequest request, WriteOptions options)
    {
        if (request.Query("fieldManager").Length == 0)
        {
            throw StatusException.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value:"
                + " is required for apply patch");
        }
        var schema = server.Catalog.Schemas.Find(request.Type.GroupVersionKind)
            ?? throw StatusException.UnsupportedMediaType($"{JsonPatchType}, {MergeType}");
        var parsed = ObjectDecoding.Parse(await request.ReadBodyAsync());
        var wanted = ObjectDecoding.Fit(
            request, server.Catalog, options, parsed.Object, parsed.Duplicates, defaults: false);
        Identify(request, wanted);
        while (true)
        {
            if (server.Store.State.Find(request.Key) is null)
            {
                if (request.Subresource.Length > 0) throw StatusException.NotFound(request.Type,
                    request.Name);
                var made = Merge(request, schema, null, wanted, options);
                try
                {
                    return (await writer.CreateAsync(request.Type, request.Namespace, made, options), true);
                }
                catch (StatusException e) when (e.Status.Text("reason") == "AlreadyExists")
                {
                    continue;
                }
            }
            var changed = await writer.UpdateAsync(request.Type, request.Key, request.Subresource, options,
                live => Merge(request, schema, live, wanted, options));
            return (changed, false);
        }
    }

    private JsonObject Merge(
        ApiRequest request, ObjectSchema schema, JsonObject? live, JsonObject wanted, WriteOptions options)
    {
        try
        {
            var result = ServerSideApply.Apply(
                new(schema, live, (JsonObject)wanted.DeepClone(), options.Manager, request.Flag("force"),
                    server.Now)
                {
                    Subresource = request.Subresource, HasStatus = request.Type.HasStatus,
                });
            if (result.Object is not { } merged)
                throw StatusException.ApplyConflict(result.ConflictMessage, result.Causes);
            // An applied configuration may name the revision it was made for.
            if (live is not null && wanted.Text("metadata", "resourceVersion") is null)
                merged["metadata"]!.AsObject().CopyFrom(live["metadata"]!.AsObject(), "resourceVersion");
            return merged;
        }
        catch (InputException e)
        {
            throw StatusException.BadRequest(e.Message);
        }
    }

    private static void Identify(ApiRequest request, JsonObject wanted)
    {
        var metadata = wanted.Ensure("metadata");
        metadata.Default("name", request.Name);
        if (metadata.Text("name") != request.Name)
        {
            throw StatusException.BadRequest($"the name of the object ({metadata.Text("name")}) does not match the"
                + $" name on the URL ({request.Name})");
        }
        if (request.Namespace is { } ns) metadata.Default("namespace", ns);
    }
}
