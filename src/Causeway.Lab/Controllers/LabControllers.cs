using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Controllers.DaemonSets;
using Causeway.Lab.Controllers.Deployments;
using Causeway.Lab.Controllers.Endpoints;
using Causeway.Lab.Controllers.Garbage;
using Causeway.Lab.Controllers.LoadBalancers;
using Causeway.Lab.Controllers.NamespaceLifecycle;
using Causeway.Lab.Controllers.ReplicaSets;
using Causeway.Lab.Events;
using Causeway.Lab.Objects;
using Causeway.Lab.Scheduling;

namespace Causeway.Lab.Controllers;

/// <summary>All controllers of a lab, and its scheduler, over one set of watches.</summary>
public static class LabControllers
{
    /// <summary>Until cancelled, and then throws <see cref="OperationCanceledException"/>.</summary>
    /// <param name="balancerRanges">Where Services of type LoadBalancer get their addresses: at most one range
    /// per family.</param>
    /// <param name="onProblem">Told what went wrong, in one line.</param>
    public static async Task RunAsync(
        KubeClient client, IReadOnlyList<Prefix> balancerRanges, TimeProvider time, Action<string>? onProblem,
        CancellationToken cancel)
    {
        // A part that fails ends the others.
        using var lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var events = new EventRecorder(client, "controllers", time);
        var caches = new ClusterCaches(client);
        var executor = new WriteExecutor(client, caches, events);
        var scheduling = new EventRecorder(client, "default-scheduler", time);
        var scheduler = new LabScheduler(client, caches, scheduling, time, onProblem);
        var balancers = new LoadBalancerAddresses(balancerRanges, caches, events);
        List<ControllerLoop> loops =
        [
            .. Loops(client, caches, executor, time, onProblem),
            .. ServiceLoops(caches, balancers, executor, time, onProblem),
        ];
        List<Task> parts =
        [
            .. caches.Run(time, onProblem, lifetime.Token), events.RunAsync(lifetime.Token),
            scheduling.RunAsync(lifetime.Token), StartAsync(),
        ];
        try
        {
            await await Task.WhenAny(parts);
        }
        finally
        {
            await lifetime.CancelAsync();
            await Task.WhenAll(parts).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        async Task StartAsync()
        {
            await caches.Synced.WaitAsync(lifetime.Token);
            await await Task.WhenAny([.. loops.Select(l => l.RunAsync(lifetime.Token)),
                scheduler.RunAsync(lifetime.Token)]);
        }
    }

    private static List<ControllerLoop> Loops(
        KubeClient client, ClusterCaches caches, WriteExecutor executor, TimeProvider time,
        Action<string>? onProblem)
    {
        var garbage = new GarbageCollector(client, caches);
        var contents = new NamespaceContents(client);
        var replicaSets = Loop("replicaset", (key, _) => new(
            caches.ReplicaSets.Find(key) is { } set
                ? ReplicaSetReconciler.Reconcile(set, caches.PodsIn(set.Metadata.Namespace), time.GetUtcNow())
                : Reconciliation.Nothing));
        var deployments = Loop("deployment", (key, _) => new(
            caches.Deployments.Find(key) is { } deployment
                ? DeploymentReconciler.Reconcile(
                    deployment, caches.ReplicaSets.All.Where(s =>
                        s.Metadata.Namespace == deployment.Metadata.Namespace),
                    caches.PodsIn(deployment.Metadata.Namespace), time.GetUtcNow())
                : Reconciliation.Nothing));
        var daemonSets = Loop("daemonset", (key, _) => new(
            caches.DaemonSets.Find(key) is { } set
                ? DaemonSetReconciler.Reconcile(
                    set, caches.PodsIn(set.Metadata.Namespace), [.. caches.Nodes.All], time.GetUtcNow())
                : Reconciliation.Nothing));
        var stranded = Loop("podgc", (key, _) => new(
            caches.Pods.Find(key) is { } pod
                ? StrandedPods.Reconcile(pod, caches.Nodes.Find(pod.Spec?.NodeName ?? "") is not null)
                : Reconciliation.Nothing));
        var collector = Loop("garbage", garbage.ReconcileAsync);
        var namespaces = Loop("namespace", async (key, cancel) =>
        {
            if (caches.Namespaces.Find(key) is not { } ns)
                return NamespaceReconciler.Always.Contains(key) ? new([NamespaceReconciler.Create(key)])
                    : Reconciliation.Nothing;
            return NamespaceReconciler.IsOurs(ns)
                ? NamespaceReconciler.Reconcile(ns, await contents.ListAsync(key, cancel))
                : Reconciliation.Nothing;
        });
        ControllerTriggers.Connect(
            caches, deployments.Queue, replicaSets.Queue, daemonSets.Queue, stranded.Queue, namespaces.Queue);
        garbage.Follow(caches.Pods, collector.Queue);
        garbage.Follow(caches.ReplicaSets, collector.Queue);
        garbage.Follow(caches.Deployments, collector.Queue);
        garbage.Follow(caches.DaemonSets, collector.Queue);
        garbage.Follow(caches.Services, collector.Queue);
        garbage.Follow(caches.EndpointSlices, collector.Queue);
        foreach (var name in NamespaceReconciler.Always) namespaces.Queue.Add(name);
        return [replicaSets, deployments, daemonSets, stranded, collector, namespaces];

        ControllerLoop Loop(string name, Func<string, CancellationToken,
            ValueTask<Reconciliation>> reconcile) =>
            new(name, new(time), executor, reconcile, onProblem);
    }

    private static List<ControllerLoop> ServiceLoops(
        ClusterCaches caches, LoadBalancerAddresses balancers, WriteExecutor executor, TimeProvider time,
        Action<string>? onProblem)
    {
        var index = new SliceIndex(caches.EndpointSlices);
        var slices = new ControllerLoop("endpointslice", new(time), executor, (key, _) => new(
            caches.Services.Find(key) is { } service
                ? EndpointSliceReconciler.Reconcile(
                    service, caches.PodsIn(service.Metadata.Namespace), caches.ZoneOf, index.Of(key))
                : Reconciliation.Nothing), onProblem);
        var addresses = new ControllerLoop(
            "loadbalancer", new(time), executor, (key, _) => new(balancers.Reconcile(key)), onProblem);
        ServiceTriggers.Connect(caches, slices.Queue, addresses.Queue);
        return [slices, addresses];
    }
}
