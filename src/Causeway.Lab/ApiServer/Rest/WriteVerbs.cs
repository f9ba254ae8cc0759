using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>create, update, patch, delete and deletecollection of whole objects and of their
/// status.</summary>
internal sealed class WriteVerbs(
    ServerContext server, ReadVerbs reader, ObjectWriter writer, ObjectRemover remover, PatchVerb patcher)
{
    public async Task CreateAsync(ApiRequest request)
    {
        var options = WriteOptions.Of(request);
        var body = await ObjectDecoding.ReadAsync(request, server.Catalog, options);
        var made = await writer.CreateAsync(request.Type, request.Namespace, body, options);
        await reader.WriteObjectAsync(request, 201, made);
    }

    public async Task UpdateAsync(ApiRequest request)
    {
        var options = WriteOptions.Of(request);
        var body = await ObjectDecoding.ReadAsync(request, server.Catalog, options);
        if (body.Text("metadata", "name") is null or "")
            throw StatusException.BadRequest("the name of the object must be in metadata.name");
        var changed = await writer.UpdateAsync(
            request.Type, request.Key, request.Subresource, options, _ => (JsonObject)body.DeepClone());
        await reader.WriteObjectAsync(request, 200, changed);
    }

    public async Task PatchAsync(ApiRequest request)
    {
        var (value, isNew) = await patcher.RunAsync(request);
        await reader.WriteObjectAsync(request, isNew ? 201 : 200, value);
    }

    public async Task DeleteAsync(ApiRequest request)
    {
        var options = await DeleteOptions.ReadAsync(request);
        var result = await remover.DeleteAsync(request.Type, request.Key, options);
        if (!result.IsGone || request.Type.StorageKey == "pods")
        {
            await reader.WriteObjectAsync(request, 200, result.Object);
            return;
        }
        var uid = result.Object.Parse().Text("metadata", "uid");
        await request.Http.WriteAsync(200, Responses.Success(request.Type, request.Name, uid));
    }

    public async Task DeleteCollectionAsync(ApiRequest request)
    {
        var options = await DeleteOptions.ReadAsync(request);
        var selector = Selector.Of(request);
        var found = server.Store.State[request.Type.StorageKey].List(selector.Namespace).Where(selector.Matches).ToList();
        await Task.WhenAll(found.Select(o => DeleteIfThereAsync(request, o, options)));
        await request.Http.WriteAsync(200, new JsonObject
        {
            ["kind"] = request.Type.ListKind, ["apiVersion"] = request.Type.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = server.Store.State.Revision.ToString() },
            ["items"] = new JsonArray([.. found.Select(o => (JsonNode)Conversion.Served(request.Type, o))]),
        });
    }

    private async Task DeleteIfThereAsync(ApiRequest request, StoredObject value, DeleteOptions options)
    {
        try
        {
            await remover.DeleteAsync(request.Type, value.Key, options);
        }
        catch (StatusException e) when (e.Code == 404)
        {
            // Somebody else was faster: what was wanted is so.
        }
    }
}
