using System.Text.Json.Nodes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.DaemonSets;

/// <summary>How a daemon's pod is tied to its node: by required node affinity on the node's name, which
/// leaves the binding to the scheduler.</summary>
internal static class DaemonAffinity
{
    public static readonly IReadOnlyList<Toleration> Tolerations =
    [
        new("node.kubernetes.io/not-ready", "Exists", Effect: "NoExecute"),
        new("node.kubernetes.io/not-ready", "Exists", Effect: "NoSchedule"),
        new("node.kubernetes.io/unreachable", "Exists", Effect: "NoExecute"),
        new("node.kubernetes.io/disk-pressure", "Exists", Effect: "NoSchedule"),
        new("node.kubernetes.io/memory-pressure", "Exists", Effect: "NoSchedule"),
        new("node.kubernetes.io/pid-pressure", "Exists", Effect: "NoSchedule"),
        new("node.kubernetes.io/unschedulable", "Exists", Effect: "NoSchedule"),
    ];

    /// <summary>The template's affinity with every node term narrowed to the node.</summary>
    public static JsonObject OnNode(JsonObject? affinity, string node)
    {
        var result = (JsonObject?)affinity?.DeepClone() ?? [];
        if (result["nodeAffinity"] is not JsonObject nodeAffinity) result["nodeAffinity"] = nodeAffinity = [];
        // The template's own terms were judged when the node was chosen; the name alone is what is left to
        // say.
        nodeAffinity["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject
        {
            ["nodeSelectorTerms"] = new JsonArray(new JsonObject
            {
                ["matchFields"] = new JsonArray(new JsonObject
                {
                    ["key"] = "metadata.name",
                    ["operator"] = "In",
                    ["values"] = new JsonArray(node),
                }),
            }),
        };
        return result;
    }

    /// <summary>The node that a pod was made for; null when it says none.</summary>
    public static string? TargetOf(PodObject pod)
    {
        var terms = pod.Spec?.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms;
        foreach (var term in terms ?? [])
            foreach (var field in term.MatchFields ?? [])
                if (field is { Key: "metadata.name", Operator: "In", Values: [var name] })
                    return name;
        return null;
    }
}
