using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Tests;

/// <summary>Objects for tests, from few words.</summary>
internal static class LabObjects
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static PodObject Pod(
        string name, string? node = null, string phase = "Running", bool ready = true, string? owner = null,
        string ownerKind = "ReplicaSet", string labels = "app=web", string? specJson = null, bool deleting = false,
        DateTimeOffset? created = null) => new()
        {
            Metadata = new()
            {
                Name = name,
                Namespace = "ns",
                Uid = "uid-" + name,
                ResourceVersion = "1",
                Labels = Labels(labels),
                CreationTimestamp = created ?? Now,
                DeletionTimestamp = deleting ? Now : null,
                OwnerReferences = owner is null ? null : [new("apps/v1", ownerKind, owner, "uid-" + owner, true, true)],
            },
            Spec = (specJson is null ? new() : JsonSerializer.Deserialize(specJson, ObjectJson.Default.PodObjectSpec)!) with
            {
                NodeName = node,
            },
            Status = new()
            {
                Phase = phase,
                Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False", LastTransitionTime = Now }],
            },
        };

    public static NodeObject Node(
        string name, int pods = 110, bool ready = true, bool unschedulable = false, string labels = "",
        params Taint[] taints) => new()
        {
            Metadata = new() { Name = name, Uid = "uid-" + name, Labels = Labels(labels) },
            Spec = new(unschedulable, taints),
            Status = new(
                new Dictionary<string, string> { ["pods"] = $"{pods}" },
                [new() { Type = "Ready", Status = ready ? "True" : "False" }]),
        };

    public static JsonElement Template(string image = "nginx") => JsonElement.Parse(
        $$$"""{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"{{{image}}}"}]}}""");

    public static ObjectSelector Selector => new() { MatchLabels = Labels("app=web") };

    public static IReadOnlyDictionary<string, string> Labels(string text) => text.Split(',')
        .Select(pair => pair.Split('=')).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);

    /// <summary>What the API server makes of a creation.</summary>
    public static T Created<T>(JsonObject body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json, string name)
        where T : KubeObject
    {
        var item = (JsonObject)body.DeepClone();
        item["metadata"]!["name"] = name;
        item["metadata"]!["uid"] = "uid-" + name;
        item["metadata"]!["resourceVersion"] = "1";
        item["metadata"]!["generation"] = 1;
        return item.Deserialize(json)!;
    }
}
