using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.NamespaceLifecycle;

/// <summary>Empties a deleted namespace, then lets it go.</summary>
public static class NamespaceReconciler
{
    /// <summary>The namespaces that every cluster has.</summary>
    public static readonly IReadOnlyList<string> Always = ["default", "kube-system", "kube-public",
        "kube-node-lease"];

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether there is anything to do: only a namespace on its way out with our finalizer is
    /// emptied.</summary>
    public static bool IsOurs(NamespaceObject ns) => ns.Metadata.DeletionTimestamp is not null
        && ns.Spec?.Finalizers?.Contains(NamespaceObject.KubernetesFinalizer) == true;

    /// <param name="contents">All that is in the namespace, as JSON objects.</param>
    public static Reconciliation Reconcile(
        NamespaceObject ns, IReadOnlyCollection<(ApiResource Resource, JsonObject Object)> contents)
    {
        if (!IsOurs(ns)) return Reconciliation.Nothing;
        if (contents.Count == 0) return new([new ObjectWrite.Finalize(ns.Metadata.Name)]);
        return new(
            [
                .. contents.Where(c => c.Object["metadata"]?["deletionTimestamp"] is null)
                    .Select(c => Delete(c.Resource, ns.Metadata.Name, c.Object["metadata"]!)),
            ],
            LookAgain);
    }

    public static ObjectWrite Create(string name) => new ObjectWrite.Create(
        ApiResources.Namespaces, null, name,
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = name },
        });

    private static ObjectWrite.Delete Delete(ApiResource resource, string ns, JsonNode metadata) => new(
        resource, ns, (string)metadata["name"]!, (string)metadata["uid"]!, "Background");
}
