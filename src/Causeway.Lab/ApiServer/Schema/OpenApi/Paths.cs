using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.OpenApi;

/// <summary>The paths of resources, with the operations that clients look for and their query
/// parameters.</summary>
internal sealed class Paths(Edition edition, SchemaText text)
{
    private static readonly string[] PatchTypes =
    [
        "application/json-patch+json", "application/merge-patch+json",
        "application/strategic-merge-patch+json", "application/apply-patch+yaml",
    ];

    private static readonly string[] ListParameters =
        ["allowWatchBookmarks:boolean", "continue", "fieldSelector", "labelSelector", "limit:integer",
         "resourceVersion", "resourceVersionMatch", "sendInitialEvents:boolean", "timeoutSeconds:integer",
         "watch:boolean"];

    private static readonly string[] WriteParameters = ["dryRun", "fieldManager", "fieldValidation"];

    private static readonly string[] PatchParameters = [.. WriteParameters, "force:boolean"];

    private static readonly string[] DeleteParameters =
        ["dryRun", "gracePeriodSeconds:integer", "orphanDependents:boolean", "propagationPolicy"];

    public JsonObject Write(SchemaRegistry registry, IEnumerable<ServedResource> served)
    {
        var paths = new JsonObject();
        foreach (var resource in served)
            if (registry.Find(resource.Kind) is { } schema) AddResource(paths, resource, schema);
        return paths;
    }

    private void AddResource(JsonObject paths, ServedResource resource, ObjectSchema schema)
    {
        var root = "/" + resource.GroupPath;
        var scope = resource.Namespaced ? root + "/namespaces/{namespace}/" : root + "/";
        var type = schema.DefinitionName;
        var list = type + "List";
        if (resource.Namespaced)
            paths[$"{root}/{resource.Plural}"] = Item("", ("get", "list", list, "", ListParameters, resource.Kind));
        paths[scope + resource.Plural] = Item(
            resource.Namespaced ? "namespace" : "",
            ("get", "list", list, "", ListParameters, resource.Kind),
            ("post", "post", type, type, WriteParameters, resource.Kind),
            ("delete", "deletecollection", Definitions.Status, Definitions.DeleteOptions,
                [.. ListParameters, .. DeleteParameters], resource.Kind));
        var names = resource.Namespaced ? "name,namespace" : "name";
        var item = $"{scope}{resource.Plural}/{{name}}";
        paths[item] = Item(
            names,
            ("get", "get", type, "", [], resource.Kind),
            ("put", "put", type, type, WriteParameters, resource.Kind),
            ("patch", "patch", type, Definitions.Patch, PatchParameters, resource.Kind),
            ("delete", "delete", Definitions.Status, Definitions.DeleteOptions, DeleteParameters, resource.Kind));
        foreach (var name in resource.Subresources)
            if (Subresource(name, names, resource.Kind, type) is { } sub) paths[$"{item}/{name}"] = sub;
    }

    private JsonObject? Subresource(string name, string names, GroupVersionKind kind, string type) => name switch
    {
        "status" or "resize" or "ephemeralcontainers" => Editable(names, type, kind),
        "scale" => Editable(names, "io.k8s.api.autoscaling.v1.Scale", new("autoscaling", "v1", "Scale")),
        "binding" => Creatable(names, "io.k8s.api.core.v1.Binding", new("", "v1", "Binding")),
        "eviction" => Creatable(names, "io.k8s.api.policy.v1.Eviction", new("policy", "v1", "Eviction")),
        "token" => Creatable(names, "io.k8s.api.authentication.v1.TokenRequest",
            new("authentication.k8s.io", "v1", "TokenRequest")),
        _ => null,
    };

    private JsonObject Editable(string names, string type, GroupVersionKind kind) => Item(
        names,
        ("get", "get", type, "", [], kind),
        ("put", "put", type, type, WriteParameters, kind),
        ("patch", "patch", type, Definitions.Patch, PatchParameters, kind));

    private JsonObject Creatable(string names, string type, GroupVersionKind kind) =>
        Item(names, ("post", "post", type, type, WriteParameters, kind));

    private JsonObject Item(string names, params ReadOnlySpan<(
        string Method, string Action, string Result, string Body, string[] Query, GroupVersionKind Kind)> operations)
    {
        var item = new JsonObject();
        foreach (var (method, action, result, body, query, kind) in operations)
        {
            var parameters = new JsonArray([.. query.Select(q => Parameter(q, "query"))]);
            var operation = new JsonObject { ["parameters"] = parameters };
            if (body.Length > 0)
                AddBody(operation, parameters, body, method == "patch" ? PatchTypes : ["*/*"]);
            if (edition == Edition.V2) operation["produces"] = new JsonArray("application/json");
            operation["responses"] = new JsonObject { [method == "post" ? "201" : "200"] = Response(result) };
            operation["x-kubernetes-action"] = action;
            operation["x-kubernetes-group-version-kind"] = Definitions.Kind(kind);
            item[method] = operation;
        }
        if (names.Length > 0)
            item["parameters"] = new JsonArray([.. names.Split(',').Select(n => Parameter(n, "path"))]);
        return item;
    }

    private void AddBody(JsonObject operation, JsonArray parameters, string type, string[] mediaTypes)
    {
        if (edition == Edition.V2)
        {
            operation["consumes"] = new JsonArray([.. mediaTypes.Select(m => JsonValue.Create(m))]);
            parameters.Insert(0, new JsonObject
            {
                ["name"] = "body", ["in"] = "body", ["required"] = type != Definitions.DeleteOptions,
                ["schema"] = text.Reference(type),
            });
            return;
        }
        var content = new JsonObject();
        foreach (var media in mediaTypes)
            content[media] = new JsonObject { ["schema"] = text.Reference(type) };
        operation["requestBody"] = new JsonObject { ["content"] = content };
    }

    private JsonObject Response(string type)
    {
        var schema = text.Reference(type);
        return edition == Edition.V2
            ? new() { ["description"] = "OK", ["schema"] = schema }
            : new()
            {
                ["description"] = "OK",
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
            };
    }

    private JsonObject Parameter(string nameAndType, string place)
    {
        var parts = nameAndType.Split(':');
        var parameter = new JsonObject { ["name"] = parts[0], ["in"] = place };
        if (place == "path") parameter["required"] = true;
        var type = parts.Length > 1 ? parts[1] : "string";
        if (edition == Edition.V2)
        {
            parameter["type"] = type;
            parameter["uniqueItems"] = true;
        }
        else
        {
            parameter["schema"] = new JsonObject { ["type"] = type };
        }
        return parameter;
    }
}
