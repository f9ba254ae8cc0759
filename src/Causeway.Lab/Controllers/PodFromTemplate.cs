using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Events;

namespace Causeway.Lab.Controllers;

/// <summary>Pods as controllers make and unmake them.</summary>
internal static class PodFromTemplate
{
    /// <summary>A pod of a template, named by the API server after its owner.</summary>
    public static ObjectWrite.Create Create(JsonElement template, ApiResource ownerResource, KubeObject owner)
    {
        var pod = template.ValueKind == JsonValueKind.Object
            ? (JsonObject)JsonNode.Parse(template.GetRawText())! : [];
        pod["apiVersion"] = ApiResources.Pods.ApiVersion;
        pod["kind"] = ApiResources.Pods.Kind;
        if (pod["metadata"] is not JsonObject metadata) pod["metadata"] = metadata = [];
        metadata.Remove("name");
        metadata.Remove("creationTimestamp");
        metadata["generateName"] = owner.Metadata.Name + "-";
        metadata["namespace"] = owner.Metadata.Namespace;
        metadata["ownerReferences"] = new JsonArray(OwnedObjects.Reference(ownerResource, owner));
        return new(ApiResources.Pods, owner.Metadata.Namespace, owner.Metadata.Name + "-", pod)
        {
            Event = new(ownerResource, owner, EventNote.Normal, "SuccessfulCreate", "Created pod: {name}"),
        };
    }

    public static ObjectWrite.Delete Delete(KubeObject pod, ApiResource ownerResource, KubeObject owner) =>
        new(ApiResources.Pods, pod.Metadata.Namespace, pod.Metadata.Name, pod.Metadata.Uid ?? "")
        {
            Event = new(ownerResource, owner, EventNote.Normal, "SuccessfulDelete", "Deleted pod: {name}"),
        };
}
