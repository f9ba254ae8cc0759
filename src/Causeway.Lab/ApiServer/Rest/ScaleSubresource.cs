using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Selection;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>The scale subresource: an object's replicas in the common shape of autoscaling/v1
/// Scale.</summary>
internal sealed class ScaleSubresource(ServerContext server, ObjectWriter writer, PatchVerb patcher)
{
    public Task GetAsync(ApiRequest request)
    {
        var value = server.Store.State.Find(request.Key) ?? throw StatusException.NotFound(request.Type,
            request.Name);
        return request.Http.WriteAsync(200, ToScale(request.Type, Conversion.Served(request.Type, value)));
    }

    public async Task UpdateAsync(ApiRequest request)
    {
        var body = (await ObjectDecoding.ReadBodyAsync(request)).Object;
        await ChangeAsync(request, _ => body);
    }

    public async Task PatchAsync(ApiRequest request) =>
        await ChangeAsync(request, await patcher.ReadAsync(request));

    private async Task ChangeAsync(ApiRequest request, Func<JsonObject, JsonObject> change)
    {
        var type = request.Type;
        var changed = await writer.UpdateAsync(type, request.Key, "scale", WriteOptions.Of(request), live =>
        {
            var scale = change(ToScale(type, live));
            var replicas = scale.Number("spec", "replicas") ?? 0;
            if (replicas < 0)
            {
                throw StatusException.Invalid(type, request.Name, [FieldError.Invalid(
                    "spec.replicas", replicas, "must be greater than or equal to 0")]);
            }
            var next = (JsonObject)live.DeepClone();
            if (scale.Text("metadata", "resourceVersion") is { Length: > 0 } revision)
                next["metadata"]!["resourceVersion"] = revision;
            var parent = next;
            foreach (var step in type.Scale!.SpecReplicas[..^1]) parent = parent.Ensure(step);
            parent[type.Scale.SpecReplicas[^1]] = replicas;
            return next;
        });
        await request.Http.WriteAsync(200, ToScale(type, Conversion.Served(type, changed)));
    }

    private static JsonObject ToScale(ResourceType type, JsonObject value)
    {
        var paths = type.Scale!;
        var metadata = new JsonObject();
        foreach (var field in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
            metadata.CopyFrom(value["metadata"]!.AsObject(), field);
        JsonObject status = new() { ["replicas"] = value.Number(paths.StatusReplicas) ?? 0 };
        if (paths.Selector is { } selector && value.At(selector) is { } found)
            status["selector"] = found.Text() ?? SelectorObject.ToText(found);
        return new()
        {
            ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = value.Number(paths.SpecReplicas) ?? 0 },
            ["status"] = status,
        };
    }
}
