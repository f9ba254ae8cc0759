using System.Net;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>
/// A request that ends in an error: carries the <c>Status</c> object (meta/v1) that the client gets. Thrown
/// only under the one place that answers requests.
/// </summary>
public sealed class StatusException : Exception
{
    private StatusException(HttpStatusCode code, string reason, string message, JsonObject? details = null)
        : base(message)
    {
        Code = (int)code;
        Status = new()
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(),
                ["status"] = "Failure",
            ["message"] = message, ["reason"] = reason,
        };
        if (details is not null) Status["details"] = details;
        Status["code"] = Code;
    }

    public int Code { get; }

    public JsonObject Status { get; }

    public static StatusException NotFound(ResourceType type, string name) =>
        new(HttpStatusCode.NotFound, "NotFound", $"{type.QualifiedName} \"{name}\" not found", Details(type,
            name));

    public static StatusException NoSuchPath() =>
        new(HttpStatusCode.NotFound, "NotFound", "the server could not find the requested resource", []);

    public static StatusException AlreadyExists(ResourceType type, string name) =>
        new(HttpStatusCode.Conflict, "AlreadyExists", $"{type.QualifiedName} \"{name}\" already exists",
            Details(type, name));

    public static StatusException Conflict(ResourceType type, string name, string why) =>
        new(HttpStatusCode.Conflict, "Conflict",
            $"Operation cannot be fulfilled on {type.QualifiedName} \"{name}\": {why}", Details(type, name));

    /// <summary>The writer's copy is not the latest.</summary>
    public static StatusException Modified(ResourceType type, string name) => Conflict(type, name,
        "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>Fields that another manager owns (server-side apply).</summary>
    public static StatusException ApplyConflict(string message, JsonArray causes) =>
        new(HttpStatusCode.Conflict, "Conflict", message, new() { ["causes"] = causes });

    public static StatusException Invalid(ResourceType type, string name, IReadOnlyList<FieldError> errors)
    {
        var causes = new JsonArray();
        foreach (var error in errors)
        {
            causes.Add((JsonNode)new JsonObject
            {
                ["reason"] = error.Reason, ["message"] = error.Message, ["field"] = error.Path,
            });
        }
        JsonObject details = new()
        {
            ["name"] = name, ["group"] = type.Group, ["kind"] = type.Kind, ["causes"] = causes,
        };
        return new(HttpStatusCode.UnprocessableEntity, "Invalid",
            $"{type.QualifiedKind} \"{name}\" is invalid: {FieldError.Aggregate(errors)}", details);
    }

    public static StatusException BadRequest(string message) =>
        new(HttpStatusCode.BadRequest, "BadRequest", message);

    public static StatusException Forbidden(ResourceType type, string name, string why,
        JsonArray? causes = null)
    {
        var details = Details(type, name);
        if (causes is not null) details["causes"] = causes;
        return new(HttpStatusCode.Forbidden, "Forbidden",
            $"{type.QualifiedName} \"{name}\" is forbidden: {why}",
            details);
    }

    public static StatusException Unauthorized() =>
        new(HttpStatusCode.Unauthorized, "Unauthorized", "Unauthorized");

    public static StatusException MethodNotAllowed() =>
        new(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed",
        "the server does not allow this method on the requested resource", []);

    public static StatusException NotAcceptable() => new(HttpStatusCode.NotAcceptable, "NotAcceptable",
        "only the following media types are accepted: application/json");

    public static StatusException UnsupportedMediaType(string supported) =>
        new(HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType",
            $"the body of the request was in an unknown format - accepted media types include: {supported}");

    public static StatusException TooLarge(long limit) =>
        new(HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge",
            $"Request entity too large: limit is {limit}");

    /// <summary>What the client wants to go on from is no longer known: it has to list again.</summary>
    public static StatusException Expired(string message) => new(HttpStatusCode.Gone, "Expired", message);

    /// <summary>A revision that is yet to come.</summary>
    public static StatusException TooNew(long wanted, long current)
    {
        JsonObject details = new()
        {
            ["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version",
            }),
            ["retryAfterSeconds"] = 1,
        };
        return new(HttpStatusCode.GatewayTimeout, "Timeout",
            $"Too large resource version: {wanted}, current: {current}", details);
    }

    public static StatusException StoreFull(string message) =>
        new(HttpStatusCode.InsufficientStorage, "InsufficientStorage", message);

    public static StatusException Internal(string message) =>
        new(HttpStatusCode.InternalServerError, "InternalError", $"Internal error occurred: {message}");

    public static StatusException Unavailable(string message) =>
        new(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", message);

    private static JsonObject Details(ResourceType type, string name)
    {
        JsonObject details = new() { ["name"] = name };
        if (type.Group.Length > 0) details["group"] = type.Group;
        details["kind"] = type.Plural;
        return details;
    }
}
