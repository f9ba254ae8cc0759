using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers;

/// <summary>Which controller looks at which object after a change: only when, never what.</summary>
internal static class ControllerTriggers
{
    public static void Connect(
        ClusterCaches caches, WorkQueue deployments, WorkQueue replicaSets, WorkQueue daemonSets,
        WorkQueue stranded,
        WorkQueue namespaces)
    {
        Self(caches.Deployments, deployments);
        Self(caches.ReplicaSets, replicaSets);
        Self(caches.DaemonSets, daemonSets);
        Self(caches.Namespaces, namespaces);
        caches.ReplicaSets.OnChange((before, now) =>
        {
            var set = (now ?? before)!;
            if (set.Metadata.Controller() is { Kind: "Deployment" } owner)
                deployments.Add(ObjectCache<DeploymentObject>.KeyOf(set.Metadata.Namespace, owner.Name));
            else AddAll(caches.Deployments, set.Metadata.Namespace, deployments);
        });
        caches.Pods.OnChange((before, now) =>
        {
            // Who owned it before must know too when it was released.
            foreach (var pod in (PodObject?[])[before, now])
                if (pod is not null) PodChanged(caches, pod, deployments, replicaSets, daemonSets);
            stranded.Add((now ?? before)!.Key);
        });
        caches.Nodes.OnChange((before, now) =>
        {
            foreach (var set in caches.DaemonSets.All)
                daemonSets.Add(ObjectCache<DaemonSetObject>.KeyOf(set));
            if (now is not null) return;
            foreach (var pod in caches.Pods.All)
                if (pod.Spec?.NodeName == before!.Metadata.Name) stranded.Add(pod.Key);
        });
    }

    private static void PodChanged(
        ClusterCaches caches, PodObject pod, WorkQueue deployments, WorkQueue replicaSets,
        WorkQueue daemonSets)
    {
        var ns = pod.Metadata.Namespace;
        switch (pod.Metadata.Controller())
        {
            case { Kind: "ReplicaSet" } owner:
                var key = ObjectCache<ReplicaSetObject>.KeyOf(ns, owner.Name);
                replicaSets.Add(key);
                // Recreate waits for pods, not for counts.
                if (pod.IsFinished || pod.IsDeleting)
                    if (caches.ReplicaSets.Find(key)?.Metadata.Controller() is { Kind: "Deployment" } deployment)
                        deployments.Add(ObjectCache<DeploymentObject>.KeyOf(ns, deployment.Name));
                break;
            case { Kind: "DaemonSet" } owner:
                daemonSets.Add(ObjectCache<DaemonSetObject>.KeyOf(ns, owner.Name));
                break;
            case null when pod.IsActive:
                AddAll(caches.ReplicaSets, ns, replicaSets);
                break;
        }
    }

    private static void Self<T>(ObjectCache<T> cache, WorkQueue queue) where T : KubeObject =>
        cache.OnChange((before, now) => queue.Add(ObjectCache<T>.KeyOf((now ?? before)!)));

    private static void AddAll<T>(ObjectCache<T> cache, string? ns, WorkQueue queue) where T : KubeObject
    {
        foreach (var item in cache.All)
            if (item.Metadata.Namespace == ns) queue.Add(ObjectCache<T>.KeyOf(item));
    }
}
