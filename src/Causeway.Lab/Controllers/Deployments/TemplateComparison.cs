using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.Controllers.Deployments;

/// <summary>Equality of pod templates but for the hash label that the controller itself adds.</summary>
internal static class TemplateComparison
{
    public static string Canonical(JsonElement template)
    {
        if (template.ValueKind != JsonValueKind.Object) return "";
        var tree = (JsonObject)JsonNode.Parse(template.GetRawText())!;
        if (tree["metadata"] is JsonObject metadata)
        {
            metadata.Remove("creationTimestamp");
            if (metadata["labels"] is JsonObject labels) labels.Remove(Rollout.HashLabel);
        }
        using var plain = JsonDocument.Parse(tree.ToJsonString());
        return TemplateHash.Canonical(plain.RootElement);
    }
}
