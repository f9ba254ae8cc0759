using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Admission;
using Causeway.Lab.ApiServer.CustomResources;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>What schedulers and drains do with pods: binding and eviction.</summary>
internal sealed class PodSubresources(ServerContext server, ObjectWriter writer, ObjectRemover remover)
{
    /// <summary>Gives a pod its node, once.</summary>
    public async Task BindAsync(ApiRequest request)
    {
        var body = (await ObjectDecoding.ReadBodyAsync(request)).Object;
        var node = body.Text("target", "name") ?? "";
        if (node.Length == 0) throw StatusException.BadRequest("target.name: Required value: the node to bind to");
        var name = body.Text("metadata", "name") ?? request.Name;
        if (name != request.Name)
            throw StatusException.BadRequest($"the binding is for {name}, the request for {request.Name}");
        await writer.UpdateAsync(request.Type, request.Key, "binding", WriteOptions.Of(request), live =>
        {
            if (body.Text("metadata", "uid") is { Length: > 0 } uid && live.Text("metadata", "uid") is var there && uid != there)
            {
                throw StatusException.Conflict(request.Type, request.Name,
                    $"Precondition failed: UID in precondition: {uid}, UID in object meta: {there}");
            }
            if (live.Text("metadata", "deletionTimestamp") is not null)
            {
                throw StatusException.Conflict(request.Type, request.Name,
                    $"pod {request.Name} is being deleted, cannot be assigned to a host");
            }
            if (live.Text("spec", "nodeName") is { Length: > 0 } taken)
            {
                throw StatusException.Conflict(request.Type, request.Name,
                    $"pod {request.Name} is already assigned to node \"{taken}\"");
            }
            var next = (JsonObject)live.DeepClone();
            next.Ensure("spec")["nodeName"] = node;
            Schedule(next, Preparation.Time(server.Now));
            return next;
        });
        await request.Http.WriteAsync(201, Created());
    }

    /// <summary>A delete that a drain asks for. There are no disruption budgets here to refuse it.</summary>
    public async Task EvictAsync(ApiRequest request)
    {
        var body = (await ObjectDecoding.ReadBodyAsync(request)).Object;
        var options = DeleteOptions.Of(request, body["deleteOptions"] as JsonObject ?? []);
        await remover.DeleteAsync(request.Type, request.Key, options);
        await request.Http.WriteAsync(201, Created());
    }

    private static void Schedule(JsonObject pod, string now)
    {
        Conditions.Set(pod, "PodScheduled", true, "", "", now);
        var condition = Conditions.Find(pod, "PodScheduled")!;
        condition.Remove("reason");
        condition.Remove("message");
    }

    private static JsonObject Created() => new()
    {
        ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success",
        ["code"] = 201,
    };
}
