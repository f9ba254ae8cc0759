using Causeway.Core.Cluster;
using Causeway.Lab.Controllers;
using Causeway.Lab.Controllers.DaemonSets;
using Causeway.Lab.Objects;
using Causeway.Lab.Scheduling;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Controllers;

public sealed class DaemonSetReconcilerTests
{
    private static readonly NodeObject[] Nodes =
        [Node("n1"), Node("n2", ready: false), Node("n3", taints: new Taint("dedicated", "NoSchedule"))];

    private static DaemonSetObject Set(string image = "nginx", string? type = null) => new()
    {
        Metadata = new() { Name = "ds", Namespace = "ns", Uid = "uid-ds", Generation = 1 },
        Spec = new() { Selector = Selector, Template = Template(image), UpdateStrategy = new(type) },
    };

    private static IEnumerable<PodObject> Made(Reconciliation todo, string node) => todo.Writes
        .OfType<ObjectWrite.Create>().Take(1)
        .Select(c => Created(c.Body, ObjectJson.Default.PodObject, "ds-" + node))
        .Select(p => p with
        {
            Spec = p.Spec! with { NodeName = node },
            Status = new() { Phase = "Running", Conditions = [new() { Type = "Ready", Status = "True" }] },
        });

    [Fact]
    public void Every_fitting_node_gets_a_pod_that_fits_nowhere_else()
    {
        var todo = DaemonSetReconciler.Reconcile(Set(), [], Nodes, Now);
        var pods = todo.Writes.OfType<ObjectWrite.Create>()
            .Select(c => Created(c.Body, ObjectJson.Default.PodObject, "x")).ToList();
        Assert.Equal(["n1", "n2"], pods.Select(p => PodPlacement.Choose(p, Nodes, new PlacementCounts()).Node));
        Assert.Equal(2, (int)Assert.IsType<ObjectWrite.Patch>(todo.Writes[^1]).Body["status"]!["desiredNumberScheduled"]!);
    }

    [Fact]
    public void A_new_template_replaces_one_pod_at_a_time()
    {
        var todo = DaemonSetReconciler.Reconcile(Set(), [], [Node("n1"), Node("n2")], Now);
        List<PodObject> pods = [.. Made(todo, "n1"), .. Made(todo, "n2")];
        NodeObject[] nodes = [Node("n1"), Node("n2")];
        Assert.Empty(DaemonSetReconciler.Reconcile(Set(), pods, nodes, Now).Writes.OfType<ObjectWrite.Delete>());
        Assert.Single(DaemonSetReconciler.Reconcile(Set("nginx:2"), pods, nodes, Now).Writes.OfType<ObjectWrite.Delete>());
        Assert.Empty(DaemonSetReconciler.Reconcile(Set("nginx:2", "OnDelete"), pods, nodes, Now).Writes
            .OfType<ObjectWrite.Delete>());
    }

    [Fact]
    public void Pods_on_nodes_that_no_longer_fit_go()
    {
        var pods = Made(DaemonSetReconciler.Reconcile(Set(), [], Nodes, Now), "n3").ToList();
        var todo = DaemonSetReconciler.Reconcile(Set(), pods, Nodes, Now);
        Assert.Equal("ds-n3", Assert.Single(todo.Writes.OfType<ObjectWrite.Delete>()).Name);
    }

    [Fact]
    public void Pods_of_lost_nodes_are_removed()
    {
        Assert.Single(StrandedWrites(Pod("p", node: "gone"), nodeExists: false));
        Assert.Empty(StrandedWrites(Pod("p", node: "n1"), nodeExists: true));
        Assert.Single(StrandedWrites(Pod("p", deleting: true), nodeExists: false));
        Assert.Empty(StrandedWrites(Pod("p"), nodeExists: false));
    }

    private static IEnumerable<ObjectWrite> StrandedWrites(PodObject pod, bool nodeExists) =>
        Lab.Controllers.Garbage.StrandedPods.Reconcile(pod, nodeExists).Writes;
}
