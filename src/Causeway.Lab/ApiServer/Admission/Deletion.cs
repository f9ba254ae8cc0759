using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Rest;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>When an object goes at once, and what it looks like while something still holds it.
/// Pure.</summary>
public static class Deletion
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    private const long DefaultGrace = 30;

    /// <summary>Kinds that the garbage collector follows: of others nobody would take the finalizer away, and no
    /// dependent of theirs is ever collected.</summary>
    private static readonly string[] Collected =
    [
        "pods", "services", "apps/replicasets", "apps/deployments", "apps/daemonsets", "discovery.k8s.io/endpointslices",
    ];

    /// <summary>Marked as deleted, and nothing holds it any more: the next write takes it out.</summary>
    public static bool IsComplete(ResourceType type, JsonObject value)
    {
        var metadata = value["metadata"];
        return metadata.Text("deletionTimestamp") is not null
            && (metadata.Number("deletionGracePeriodSeconds") ?? 0) == 0
            && !metadata.Items("finalizers").Any()
            && !(type.StorageKey == "namespaces" && value.Items("spec", "finalizers").Any());
    }

    /// <summary>The object as it stays, marked, until it may go; null when it may go now.</summary>
    /// <param name="current">Not changed.</param>
    public static JsonObject? Mark(ResourceType type, JsonObject current, DeleteOptions options,
        DateTimeOffset now)
    {
        var next = (JsonObject)current.DeepClone();
        var metadata = next["metadata"]!.AsObject();
        var finalizers = metadata.Texts("finalizers").ToList();
        var isNew = metadata["deletionTimestamp"] is null;
        if (isNew && Collected.Contains(type.StorageKey) && FinalizerOf(options.Propagation) is { } finalizer
            && !finalizers.Contains(finalizer))
        {
            finalizers.Add(finalizer);
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]);
        }
        var grace = GraceOf(type, current, options);
        if (isNew || grace < (metadata.Number("deletionGracePeriodSeconds") ?? 0))
        {
            metadata["deletionTimestamp"] = isNew
                ? Preparation.Time(now.AddSeconds(grace)) : metadata["deletionTimestamp"]!.DeepClone();
            metadata["deletionGracePeriodSeconds"] = grace;
            if (isNew && metadata.Number("generation") is { } generation) metadata["generation"] = generation + 1;
        }
        if (type.StorageKey == "namespaces") next.Ensure("status")["phase"] = "Terminating";
        return IsComplete(type, next) ? null : next;
    }

    /// <summary>Seconds; a pod that no kubelet runs has nobody to wait for.</summary>
    private static long GraceOf(ResourceType type, JsonObject current, DeleteOptions options)
    {
        if (type.StorageKey != "pods") return 0;
        if (current.Text("spec", "nodeName") is null or "") return 0;
        if (current.Text("status", "phase") is "Succeeded" or "Failed") return 0;
        return options.GraceSeconds ?? current.Number("spec",
            "terminationGracePeriodSeconds") ?? DefaultGrace;
    }

    private static string? FinalizerOf(Propagation propagation) => propagation switch
    {
        Propagation.Foreground => ForegroundFinalizer,
        Propagation.Orphan => OrphanFinalizer,
        _ => null,
    };
}
