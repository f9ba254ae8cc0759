using Causeway.Core.Cluster;
using Causeway.Lab.Controllers;
using Causeway.Lab.Controllers.ReplicaSets;
using Causeway.Lab.Objects;
using CsCheck;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Controllers;

public sealed class ReplicaSetReconcilerTests
{
    private static ReplicaSetObject Set(int replicas, ReplicaSetObjectStatus? status = null) => new()
    {
        Metadata = new() { Name = "rs", Namespace = "ns", Uid = "uid-rs", Generation = 3 },
        Spec = new() { Replicas = replicas, Selector = Selector, Template = Template() },
        Status = status,
    };

    private static string Told(Reconciliation r) => string.Join('\n', r.Writes.Select(w => w switch
    {
        ObjectWrite.Patch { Subresource: "status" } p => "status " + p.Body["status"]!["replicas"] + " ready "
            + p.Body["status"]!["readyReplicas"],
        ObjectWrite.Patch p => $"patch {p.Name} {p.Body["metadata"]!["ownerReferences"]?.AsArray().Count ?? 0} owners",
        ObjectWrite.Create => "create",
        _ => $"delete {w.Name}",
    }));

    [Fact]
    public void Makes_what_is_missing() => Assert.Equal(
        "create\ncreate\nstatus 1 ready 1",
        Told(ReplicaSetReconciler.Reconcile(
            Set(3), [Pod("a", owner: "rs"), Pod("b", owner: "rs", phase: "Failed"), Pod("c", owner: "rs", deleting: true)],
            Now)));

    [Fact]
    public void Deletes_those_that_serve_least()
    {
        var result = ReplicaSetReconciler.Reconcile(
            Set(2),
            [
                Pod("old", "n1", owner: "rs", created: Now.AddHours(-1)), Pod("young", "n2", owner: "rs"),
                Pod("unready", "n3", owner: "rs", ready: false), Pod("unbound", owner: "rs", phase: "Pending"),
            ],
            Now);
        Assert.Equal("delete unbound\ndelete unready\nstatus 4 ready 3", Told(result));
    }

    [Fact]
    public void Adopts_and_releases_by_label() => Assert.Equal(
        "patch orphan 1 owners\npatch stray 0 owners\nstatus 1 ready 1",
        Told(ReplicaSetReconciler.Reconcile(
            Set(1), [Pod("orphan"), Pod("stray", owner: "rs", labels: "app=other"), Pod("foreign", owner: "rs2")], Now)));

    [Fact]
    public void Is_quiet_when_all_is_well()
    {
        var status = new ReplicaSetObjectStatus
        {
            Replicas = 1, FullyLabeledReplicas = 1, ReadyReplicas = 1, AvailableReplicas = 1, ObservedGeneration = 3,
        };
        Assert.Empty(ReplicaSetReconciler.Reconcile(Set(1, status), [Pod("a", owner: "rs")], Now).Writes);
    }

    [Fact]
    public void A_pod_becomes_available_after_its_time()
    {
        var set = Set(1) with { Spec = Set(1).Spec! with { MinReadySeconds = 10 } };
        var result = ReplicaSetReconciler.Reconcile(set, [Pod("a", owner: "rs")], Now.AddSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(6), result.After);
    }

    [Fact]
    public void Order_of_pods_does_not_matter_and_the_result_has_the_wanted_number() =>
        Gen.Select(
            Gen.Int[0, 6], Gen.Shuffle(Enumerable.Range(0, 8).ToArray()), Gen.Int[0, 255]).Sample((wanted, order, bits) =>
        {
            var pods = order.Select(i => Pod($"p{i}", node: $"n{i % 3}", owner: "rs", ready: (bits >> i & 1) == 0)).ToList();
            var shuffled = ReplicaSetReconciler.Reconcile(Set(wanted), pods, Now);
            var sorted = ReplicaSetReconciler.Reconcile(Set(wanted), pods.OrderBy(p => p.Metadata.Name), Now);
            Assert.Equal(Told(sorted), Told(shuffled));
            Assert.Equal(8 - wanted, shuffled.Writes.OfType<ObjectWrite.Delete>().Count());
        });

    [Fact]
    public void A_created_pod_belongs_to_the_set()
    {
        var create = (ObjectWrite.Create)ReplicaSetReconciler.Reconcile(Set(1), [], Now).Writes[0];
        var pod = Created(create.Body, ObjectJson.Default.PodObject, "rs-x");
        Assert.True(Selector.Matches(pod.Metadata.Labels));
        Assert.Equal("uid-rs", pod.Metadata.OwnerReferences![0].Uid);
        Assert.Equal(ApiResources.Pods, create.Resource);
        Assert.Equal("rs-", (string?)create.Body["metadata"]!["generateName"]);
    }
}
