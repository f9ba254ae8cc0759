using System.Text.Json;

namespace Causeway.Lab.Objects;

/// <summary>A pod template, as far as it decides where its pods may run.</summary>
public sealed record PodTemplate(Causeway.Core.Cluster.ObjectMeta? Metadata = null,
    PodObjectSpec? Spec = null)
{
    public static PodTemplate Read(JsonElement template) => template.ValueKind == JsonValueKind.Object
        ? template.Deserialize(ObjectJson.Default.PodTemplate) ?? new()
        : new();
}
