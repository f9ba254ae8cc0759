using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Accounts;
using Causeway.Lab.ApiServer.Admission;
using Causeway.Lab.ApiServer.Allocation;
using Causeway.Lab.ApiServer.CustomResources;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Schema.Apply;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>Creates and updates objects: preparation, admission, ownership, store. Errors are
/// StatusExceptions.</summary>
internal sealed class ObjectWriter(ServerContext server)
{
    /// <param name="value">In the type's version; consumed.</param>
    public async Task<StoredObject> CreateAsync(
        ResourceType type, string? ns, JsonObject value, WriteOptions options)
    {
        if (value.Text("metadata", "resourceVersion") is { Length: > 0 })
            throw StatusException.BadRequest("resourceVersion should not be set on objects to be created");
        SetNamespace(type, ns, value);
        while (true)
        {
            var generated = value.Text("metadata", "name") is null or "";
            var next = Preparation.Create(
                type, (JsonObject)value.DeepClone(), server.NewUid(), server.NewSuffix(), server.Now);
            if (type == BuiltInResources.Pods && server.Tokens is not null) AccountVolume.Add(next, server);
            next = Admit(type, next, null, "", options);
            var name = next.Text("metadata", "name")!;
            ObjectKey key = new(type.StorageKey, ns ?? "", name);
            if (type.Namespaced) RequireNamespace(type, ns!, name);
            if (server.Store.State.Find(key) is not null
                && !generated) throw StatusException.AlreadyExists(type, name);
            using var claim = Claim(type, null, next, "");
            if (options.DryRun) return new(key, 0, Responses.Utf8(next));
            var result = await server.Store.WriteAsync(key, 0, ObjectDocument.Of(Conversion.Stored(type,
                next)));
            if (result.Status == WriteStatus.Written)
            {
                claim?.Keep();
                return result.Object!;
            }
            ThrowUnlessConflict(result);
            if (!generated) throw StatusException.AlreadyExists(type, name);
        }
    }

    /// <param name="subresource">As in <see cref="Preparation.Update"/>.</param>
    /// <param name="change">From the object as it is, in the type's version, to what is wanted. Makes a new
    /// tree;
    /// is called again when someone else was faster.</param>
    public async Task<StoredObject> UpdateAsync(
        ResourceType type, ObjectKey key, string subresource, WriteOptions options, Func<JsonObject,
            JsonObject> change)
    {
        while (true)
        {
            var current = server.Store.State.Find(key) ?? throw StatusException.NotFound(type, key.Name);
            var live = Conversion.Served(type, current);
            var next = change(live);
            CheckPreconditions(type, current, live, next);
            next = Preparation.Update(type, subresource, live, next);
            next = Admit(type, next, live, subresource, options);
            using var claim = Claim(type, live, next, subresource);
            if (IsSame(live, next)) return current;
            var stored = ObjectDocument.Of(Conversion.Stored(type, next));
            if (options.DryRun) return new(key, current.Revision, stored.Stamp(current.Revision));
            var isLast = Deletion.IsComplete(type, next);
            var result = await server.Store.WriteAsync(key, current.Revision, isLast ? null : stored);
            if (result.Status == WriteStatus.Written)
            {
                claim?.Keep();
                if (isLast && type == BuiltInResources.Services) server.Services.Release(next);
                return isLast ? new(key, result.Object!.Revision, stored.Stamp(result.Object.Revision))
                    : result.Object!;
            }
            ThrowUnlessConflict(result);
        }
    }

    public static void ThrowUnlessConflict(WriteResult result)
    {
        if (result.Status == WriteStatus.Full) throw StatusException.StoreFull(result.Message!);
        if (result.Status == WriteStatus.Failed) throw StatusException.Internal(result.Message!);
    }

    private JsonObject Admit(
        ResourceType type, JsonObject next, JsonObject? live, string subresource, WriteOptions options)
    {
        var catalog = server.Catalog;
        Defaults.Apply(type, next);
        var schema = catalog.Schemas.Find(type.GroupVersionKind);
        var name = next.Text("metadata", "name") ?? "";
        List<FieldError> errors = [];
        if (schema is not null) errors.AddRange(FieldValidator.Validate(schema, next));
        if (subresource.Length == 0) errors.AddRange(Validation.Check(type, next, live));
        if (errors.Count > 0) throw StatusException.Invalid(type, name, [.. errors.Distinct()]);
        if (type == BuiltInResources.CustomResourceDefinitions && subresource.Length == 0)
        {
            DefinitionAdmission.Establish(
                next, server.Store.State[type.StorageKey], Preparation.Time(server.Now));
        }
        if (schema is null || options.IsApply || (live is not null && IsSame(live, next))) return next;
        return ServerSideApply.Track(new(schema, live, next, options.Manager,
            server.Now) { Subresource = subresource });
    }

    /// <summary>What a Service needs of what there is but once; null for other kinds.</summary>
    private ServiceClaim? Claim(ResourceType type, JsonObject? live, JsonObject next, string subresource)
    {
        if (type != BuiltInResources.Services || subresource.Length > 0) return null;
        List<FieldError> errors = [];
        var claim = server.Services.Claim(live, next, errors);
        if (errors.Count > 0) throw StatusException.Invalid(type, next.Text("metadata", "name") ?? "", errors);
        return claim;
    }

    private static void SetNamespace(ResourceType type, string? ns, JsonObject value)
    {
        var metadata = value.Ensure("metadata");
        var named = metadata.Text("namespace") ?? "";
        if (!type.Namespaced) metadata.Remove("namespace");
        else if (ns is null) throw StatusException.BadRequest("an empty namespace may not be set during creation");
        else if (named.Length > 0 && named != ns)
        {
            throw StatusException.BadRequest(
                $"the namespace of the provided object does not match the namespace sent on the request ({named}, {ns})");
        }
        else metadata["namespace"] = ns;
    }

    private void RequireNamespace(ResourceType type, string ns, string name)
    {
        var found = server.Store.State.Find(new("namespaces", "", ns));
        if (found is null) throw StatusException.NotFound(BuiltInResources.Namespaces, ns);
        if (found.Fields.GetValueOrDefault("status.phase") != "Terminating") return;
        var causes = new JsonArray(new JsonObject
        {
            ["reason"] = "NamespaceTerminating", ["message"] = $"namespace {ns} is being terminated",
            ["field"] = "metadata.namespace",
        });
        throw StatusException.Forbidden(type, name,
            $"unable to create new content in namespace {ns} because it is being terminated", causes);
    }

    private static void CheckPreconditions(ResourceType type, StoredObject current, JsonObject live,
        JsonObject next)
    {
        var name = current.Key.Name;
        var metadata = next.Ensure("metadata");
        metadata.Default("name", name);
        if (metadata.Text("name") != name)
        {
            throw StatusException.BadRequest($"the name of the object ({metadata.Text("name")}) does not match the"
                + $" name on the URL ({name})");
        }
        if (metadata.Text("namespace") is { Length: > 0 } ns && ns != current.Key.Namespace)
        {
            throw StatusException.BadRequest($"the namespace of the object ({ns}) does not match the namespace on"
                + $" the URL ({current.Key.Namespace})");
        }
        if (metadata.Text("uid") is { Length: > 0 } uid && uid != live.Text("metadata", "uid"))
        {
            throw StatusException.Conflict(type, name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {live.Text("metadata", "uid")}");
        }
        var revision = metadata.Text("resourceVersion") ?? "";
        if (revision.Length > 0 && revision != live.Text("metadata", "resourceVersion"))
            throw StatusException.Modified(type, name);
        if (revision.Length == 0 && type.Custom is not null)
        {
            throw StatusException.Invalid(type, name, [FieldError.Invalid(
                "metadata.resourceVersion", 0, "must be specified for an update")]);
        }
    }

    /// <summary>Equal but for what the next one does not have yet: the revision, and owners nobody
    /// named.</summary>
    private static bool IsSame(JsonObject live, JsonObject next)
    {
        var before = live["metadata"]!.AsObject();
        var after = next["metadata"]!.AsObject();
        if (after["managedFields"] is null) after.CopyFrom(before, "managedFields");
        if (live.Count != next.Count || before.Count != after.Count + 1) return false;
        return live.All(f => f.Key == "metadata" || (next.ContainsKey(f.Key)
            && JsonNode.DeepEquals(f.Value, next[f.Key])))
            && before.All(f => f.Key == "resourceVersion"
                || (after.ContainsKey(f.Key) && JsonNode.DeepEquals(f.Value, after[f.Key])));
    }
}
