using System.Text.Json.Nodes;
using Causeway.Core.Cluster;

namespace Causeway.Lab.Controllers;

/// <summary>The metadata side of owning: controller references, adoption, release.</summary>
internal static class OwnedObjects
{
    public static OwnerReference? Controller(this ObjectMeta meta) =>
        meta.OwnerReferences?.FirstOrDefault(o => o.Controller == true);

    public static bool IsControlledBy(this KubeObject child, KubeObject owner) =>
        child.Metadata.Controller() is { } c && c.Uid == owner.Metadata.Uid;

    /// <summary>The reference that a controller puts on what it makes.</summary>
    public static JsonObject Reference(ApiResource resource, KubeObject owner) => new()
    {
        ["apiVersion"] = resource.ApiVersion,
        ["kind"] = resource.Kind,
        ["name"] = owner.Metadata.Name,
        ["uid"] = owner.Metadata.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    /// <summary>Makes a matching object without controller ours.</summary>
    public static ObjectWrite Adopt(
        ApiResource childResource, KubeObject child, ApiResource ownerResource, KubeObject owner)
    {
        var references = References(child.Metadata.OwnerReferences ?? []);
        references.Add((JsonNode)Reference(ownerResource, owner));
        return WithReferences(childResource, child, references);
    }

    /// <summary>Lets an object go whose labels match no longer.</summary>
    public static ObjectWrite Release(ApiResource childResource, KubeObject child, string ownerUid) =>
        WithReferences(
            childResource, child,
            References((child.Metadata.OwnerReferences ?? []).Where(o => o.Uid != ownerUid)));

    /// <summary>Metadata of a patch that must meet this very version of the object.</summary>
    public static JsonObject Exactly(KubeObject target) => new()
    {
        ["uid"] = target.Metadata.Uid,
        ["resourceVersion"] = target.Metadata.ResourceVersion,
    };

    private static ObjectWrite.Patch WithReferences(ApiResource resource, KubeObject child,
        JsonArray references)
    {
        var metadata = Exactly(child);
        metadata["ownerReferences"] = references.Count == 0 ? null : references;
        return new ObjectWrite.Patch(
            resource, child.Metadata.Namespace, child.Metadata.Name, new() { ["metadata"] = metadata });
    }

    private static JsonArray References(IEnumerable<OwnerReference> owners)
    {
        JsonArray all = [];
        foreach (var owner in owners)
        {
            var reference = new JsonObject
            {
                ["apiVersion"] = owner.ApiVersion,
                ["kind"] = owner.Kind,
                ["name"] = owner.Name,
                ["uid"] = owner.Uid,
            };
            if (owner.Controller is { } controller) reference["controller"] = controller;
            if (owner.BlockOwnerDeletion is { } block) reference["blockOwnerDeletion"] = block;
            all.Add((JsonNode)reference);
        }
        return all;
    }
}
