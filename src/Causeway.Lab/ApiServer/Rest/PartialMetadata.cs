using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>An object's metadata alone (meta/v1 PartialObjectMetadata).</summary>
internal static class PartialMetadata
{
    public static JsonObject Of(JsonObject value) => new()
    {
        ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = value["metadata"]!.DeepClone(),
    };
}
