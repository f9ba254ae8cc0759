using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Deployments;

/// <summary>The revision numbers by which <c>kubectl rollout history</c> and <c>undo</c> find a
/// ReplicaSet.</summary>
internal static class Revisions
{
    public const string Annotation = "deployment.kubernetes.io/revision";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static long Of(KubeObject target) => long.TryParse(
        target.Metadata.Annotation(Annotation), NumberStyles.None, CultureInfo.InvariantCulture,
        out var revision)
        ? revision
        : 0;

    public static long Next(Rollout rollout) => rollout.Old.Select(Of).DefaultIfEmpty(0).Max() + 1;

    /// <summary>The Deployment's annotations that its ReplicaSets take over, such as the change
    /// cause.</summary>
    public static JsonObject Inherited(DeploymentObject deployment)
    {
        JsonObject annotations = [];
        foreach (var (key, value) in deployment.Metadata.Annotations ?? Labels.None)
            if (key != LastApplied && !key.StartsWith("deployment.kubernetes.io/", StringComparison.Ordinal))
                annotations[key] = value;
        return annotations;
    }

    /// <summary>A set that becomes the present one again gets the highest number; the Deployment carries the
    /// number of its present set.</summary>
    public static void Write(
        DeploymentObject deployment, Rollout rollout, ImmutableArray<ObjectWrite>.Builder writes)
    {
        if (rollout.New is not { } current) return;
        var revision = Math.Max(Of(current), Next(rollout));
        if (Of(current) != revision) writes.Add(Patch(ApiResources.ReplicaSets, current, revision));
        if (Of(deployment) != revision) writes.Add(Patch(ApiResources.Deployments, deployment, revision));
    }

    private static ObjectWrite.Patch Patch(ApiResource resource, KubeObject target, long revision) => new(
        resource, target.Metadata.Namespace, target.Metadata.Name,
        new()
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = target.Metadata.Uid,
                ["annotations"] = new JsonObject { [Annotation] = $"{revision}" },
            },
        });
}
