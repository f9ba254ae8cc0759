using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Events;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Deployments;

/// <summary>The ReplicaSet of a Deployment's present template.</summary>
internal static class NewReplicaSet
{
    public static string NameOf(DeploymentObject deployment, string hash) =>
        $"{deployment.Metadata.Name}-{hash}";

    public static ObjectWrite Create(DeploymentObject deployment, Rollout rollout, int replicas)
    {
        var spec = deployment.Spec!;
        var name = NameOf(deployment, rollout.Hash);
        var template = Hashed(spec.Template, rollout.Hash);
        var annotations = Revisions.Inherited(deployment);
        annotations[Revisions.Annotation] = $"{Revisions.Next(rollout)}";
        var body = new JsonObject
        {
            ["apiVersion"] = ApiResources.ReplicaSets.ApiVersion,
            ["kind"] = ApiResources.ReplicaSets.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = deployment.Metadata.Namespace,
                ["labels"] = template["metadata"]!["labels"]!.DeepClone(),
                ["annotations"] = annotations,
                ["ownerReferences"] = new JsonArray(OwnedObjects.Reference(ApiResources.Deployments,
                    deployment)),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["minReadySeconds"] = spec.MinReadySeconds,
                ["selector"] = Selector(spec.Selector, rollout.Hash),
                ["template"] = template,
            },
        };
        return new ObjectWrite.Create(ApiResources.ReplicaSets, deployment.Metadata.Namespace, name, body)
        {
            Event = replicas == 0
                ? null
                : new(ApiResources.Deployments, deployment, EventNote.Normal, "ScalingReplicaSet",
                    $"Scaled up replica set {name} from 0 to {replicas}"),
        };
    }

    private static JsonObject Hashed(JsonElement template, string hash)
    {
        var tree = (JsonObject)JsonNode.Parse(template.GetRawText())!;
        if (tree["metadata"] is not JsonObject metadata) tree["metadata"] = metadata = [];
        if (metadata["labels"] is not JsonObject labels) metadata["labels"] = labels = [];
        labels[Rollout.HashLabel] = hash;
        return tree;
    }

    private static JsonObject Selector(ObjectSelector? selector, string hash)
    {
        var tree = selector is null
            ? []
            : (JsonObject)JsonSerializer.SerializeToNode(selector, ObjectJson.Default.ObjectSelector)!;
        if (tree["matchLabels"] is not JsonObject labels) tree["matchLabels"] = labels = [];
        labels[Rollout.HashLabel] = hash;
        return tree;
    }
}
