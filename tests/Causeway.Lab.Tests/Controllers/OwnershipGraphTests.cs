using Causeway.Core.Cluster;
using Causeway.Lab.Controllers;
using Causeway.Lab.Controllers.Garbage;
using Causeway.Lab.Objects;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Controllers;

public sealed class OwnershipGraphTests
{
    private static OwnedObject Set(bool deleting = false, params string[] finalizers) => new(
        ApiResources.ReplicaSets,
        new ReplicaSetObject
        {
            Metadata = new()
            {
                Name = "rs", Namespace = "ns", Uid = "uid-rs", DeletionTimestamp = deleting ? Now : null,
                Finalizers = finalizers,
            },
        });

    private static OwnedObject Child => new(ApiResources.Pods, Pod("p", owner: "rs"));

    private static Dictionary<string, OwnedObject> Owners(params OwnedObject[] owners) =>
        owners.ToDictionary(o => o.Meta.Uid!);

    [Fact]
    public void A_dependent_of_nobody_goes() => Assert.Equal(
        "Background", Assert.IsType<ObjectWrite.Delete>(
            Assert.Single(OwnershipGraph.Judge(Child, Owners(), []))).Propagation);

    [Fact]
    public void A_dependent_of_a_living_owner_stays() =>
        Assert.Empty(OwnershipGraph.Judge(Child, Owners(Set()), []));

    [Fact]
    public void A_foreground_owner_waits_for_its_dependents_and_pulls_them_along()
    {
        var owner = Set(deleting: true, OwnershipGraph.ForegroundFinalizer);
        Assert.IsType<ObjectWrite.Delete>(Assert.Single(OwnershipGraph.Judge(Child, Owners(owner), [])));
        Assert.Empty(OwnershipGraph.Judge(owner, Owners(), [Child]));
        var patch = Assert.IsType<ObjectWrite.Patch>(Assert.Single(OwnershipGraph.Judge(owner, Owners(), [])));
        Assert.Empty(patch.Body["metadata"]!["finalizers"]!.AsArray());
    }

    [Fact]
    public void Orphans_lose_their_owner_before_it_goes()
    {
        var writes = OwnershipGraph.Judge(Set(deleting: true, OwnershipGraph.OrphanFinalizer), Owners(), [Child]);
        Assert.Equal(["p", "rs"], writes.Select(w => w.Name));
        Assert.Null(((ObjectWrite.Patch)writes[0]).Body["metadata"]!["ownerReferences"]);
    }
}
