using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>
/// The part of an object that is the server's: identity, generation, and which half of it a request may
/// change.
/// Pure; changes the tree it is given.
/// </summary>
public static class Preparation
{
    private static readonly string[] ServerOwned =
    [
        "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
            "selfLink",
        "resourceVersion",
    ];

    private static readonly string[] Kept =
    [
        "name", "namespace", "generateName", "uid", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "generation",
    ];

    /// <summary>RFC 3339 with whole seconds, as metadata has it.</summary>
    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <param name="suffix">Ends a generated name.</param>
    public static JsonObject Create(
        ResourceType type, JsonObject value, string uid, string suffix, DateTimeOffset now)
    {
        var metadata = value.Ensure("metadata");
        foreach (var field in ServerOwned) metadata.Remove(field);
        if (metadata.Text("name") is null or "" && metadata.Text("generateName") is { Length: > 0 } prefix)
            metadata["name"] = prefix[..Math.Min(prefix.Length, 58)] + suffix;
        metadata["uid"] = uid;
        metadata["creationTimestamp"] = Time(now);
        if (HasGeneration(type)) metadata["generation"] = 1;
        // Nodes register with their status in one request.
        if (type.HasStatus && type.StorageKey != "nodes") value.Remove("status");
        return value;
    }

    /// <param name="current">The object as it is, in the request's version. Not changed.</param>
    /// <param name="next">What the client wants.</param>
    /// <param name="subresource">Empty, <c>status</c>, or another, whose change is taken as it is.</param>
    public static JsonObject Update(ResourceType type, string subresource, JsonObject current,
        JsonObject next)
    {
        var result = subresource == "status" ? StatusOnly(type, current, next) : next;
        var metadata = result.Ensure("metadata");
        var before = current["metadata"]!.AsObject();
        foreach (var field in Kept) metadata.CopyFrom(before, field);
        metadata.Remove("selfLink");
        metadata.Remove("resourceVersion");
        if (subresource.Length == 0 && type.HasStatus) result.CopyFrom(current, "status");
        if (subresource.Length == 0) KeepAllocated(type, current, result);
        if (HasGeneration(type) && subresource != "status" && SpecChanged(type, current, result))
            metadata["generation"] = (before.Number("generation") ?? 0) + 1;
        return result;
    }

    /// <summary>The kinds whose controllers compare <c>metadata.generation</c> with what they have
    /// seen.</summary>
    public static bool HasGeneration(ResourceType type) => type.Custom is not null
        || type.Group is "apps" or "networking.k8s.io" or "apiextensions.k8s.io" or "discovery.k8s.io";

    private static JsonObject StatusOnly(ResourceType type, JsonObject current, JsonObject next)
    {
        var result = (JsonObject)current.DeepClone();
        result.CopyFrom(next, "status");
        var metadata = result["metadata"]!.AsObject();
        var wanted = next["metadata"] as JsonObject ?? [];
        metadata.CopyFrom(wanted, "managedFields");
        if (type.StorageKey is not ("pods" or "nodes")) return result;
        foreach (var field in (string[])["labels", "annotations"]) metadata.CopyFrom(wanted, field);
        return result;
    }

    /// <summary>What the server or a controller has filled in stays when a client leaves it out.</summary>
    private static void KeepAllocated(ResourceType type, JsonObject current, JsonObject result)
    {
        if (type.StorageKey == "namespaces") result.CopyFrom(current, "spec");
        if (result["spec"] is not JsonObject spec || current["spec"] is not JsonObject before) return;
        if (type.StorageKey == "services") ServiceUpdate.Carry(before, spec);
        if (type.StorageKey == "pods" && spec["nodeName"] is null) spec.CopyFrom(before, "nodeName");
    }

    private static bool SpecChanged(ResourceType type, JsonObject current, JsonObject next)
    {
        if (type.Custom is null) return !JsonNode.DeepEquals(current["spec"], next["spec"]);
        var fields = current.Select(f => f.Key).Union(next.Select(f => f.Key));
        return fields.Any(f => f != "metadata" && !(f == "status" && type.HasStatus)
            && !JsonNode.DeepEquals(current[f], next[f]));
    }
}
