using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Patch;

/// <summary>JSON merge patch (RFC 7386): null removes, objects merge, everything else replaces.</summary>
public static class MergePatch
{
    /// <returns>A new tree; the arguments stay as they are.</returns>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var result = target is JsonObject before ? (JsonObject)before.DeepClone() : [];
        foreach (var (name, change) in changes)
        {
            if (change is null) result.Remove(name);
            else result[name] = Apply(result[name], change);
        }
        return result;
    }
}
