using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;

namespace Causeway.Core.Tests.Ipam;

public sealed class LeakCollectorTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);
    private static readonly IpamAllocation Allocation =
        new("10.0.0.1", "c1/eth0", "n1", 7, "ns", "web", "uid-1", IpamWorld.Start);

    public static TheoryData<string, string?> Stories => new()
    {
        { "runs", null },
        { "starting", null },
        { "missing", "pod ns/web does not exist" },
        { "mirrored", null },
        { "replaced", "pod ns/web was deleted, and another has its name" },
        { "finished", "pod ns/web has finished" },
        { "moved", "pod ns/web runs on node n2" },
        { "other-address", "pod ns/web has other addresses: 10.0.0.9" },
        { "node-gone", "node n1 does not exist" },
    };

    [Theory]
    [MemberData(nameof(Stories))]
    public void Unused_is_told_from_used(string story, string? reason) =>
        Assert.Equal(reason, LeakCollector.WhyUnused(Allocation, Evidence(story)));

    [Fact]
    public void Tunnel_addresses_live_as_long_as_their_node()
    {
        var tunnel = new IpamAllocation("10.0.0.2", "tunnel/n1", "n1", 1);
        Assert.Null(LeakCollector.WhyUnused(tunnel, Evidence("missing")));
        Assert.Equal("node n1 does not exist", LeakCollector.WhyUnused(tunnel, Evidence("node-gone")));
    }

    [Fact]
    public void Only_what_stays_unused_for_the_grace_period_is_due()
    {
        var round = LeakRound.First;
        foreach (var (minute, story, due) in new[]
            { (0, "missing", 0), (4, "missing", 0), (5, "missing", 1), (6, "runs", 0), (7, "missing", 0) })
        {
            var now = IpamWorld.Start.AddMinutes(minute);
            round = LeakCollector.Next(round, [Allocation], Evidence(story), now, Grace);
            Assert.Equal(due, round.Due.Count);
        }
        // The same address, allocated anew, begins a grace period of its own.
        round = LeakCollector.Next(
            round, [Allocation with { Sequence = 8 }], Evidence(
                "missing"), IpamWorld.Start.AddMinutes(60), Grace);
        Assert.Empty(round.Due);
    }

    [Fact]
    public async Task Sweeper_checks_again_before_it_releases()
    {
        var (store, block) = await Store();
        var story = "missing";
        var asked = 0;
        var sweeper = new LeakSweeper(store, "n1", _ =>
        {
            asked++;
            return Task.FromResult(Evidence(asked == 2 ? "starting" : story));
        }, TimeProvider.System, TimeSpan.Zero);
        Assert.Empty(await sweeper.Sweep(CancellationToken.None));
        Assert.Single(store.Blocks.Single(b => b.Metadata.Name == block).Spec.Allocations);
        var released = await sweeper.Sweep(CancellationToken.None);
        Assert.Equal("pod ns/web does not exist", Assert.Single(released).Reason);
        Assert.Empty(store.Blocks.Single(b => b.Metadata.Name == block).Spec.Allocations);
    }

    [Fact]
    public async Task First_living_node_clears_up_after_a_node_that_is_gone()
    {
        var (store, _) = await Store();
        LeakSweeper Sweeper(string node) => new(
            store, node, _ => Task.FromResult(Evidence("node-gone")), TimeProvider.System, TimeSpan.Zero);
        Assert.Empty(await Sweeper("n3").Sweep(CancellationToken.None));
        var first = Sweeper("n2");
        Assert.Single(await first.Sweep(CancellationToken.None));
        await first.Sweep(CancellationToken.None);
        Assert.Empty(store.Blocks);
        Assert.Empty(store.Affinities);
    }

    [Fact]
    public async Task A_node_that_comes_while_a_sweep_runs_keeps_its_block()
    {
        var store = await Emptied();
        var asked = 0;
        var sweeper = new LeakSweeper(
            store, "n2", _ => Task.FromResult(Evidence(asked++ == 0 ? "node-gone" : "missing")), TimeProvider.System, TimeSpan.Zero);
        await sweeper.Sweep(CancellationToken.None);
        Assert.Single(store.Blocks);
        Assert.Single(store.Affinities);
    }

    [Fact]
    public async Task A_block_that_somebody_took_an_address_of_meanwhile_keeps_its_affinity()
    {
        var store = await Emptied();
        store.Before = (call, _) => new(call == "DeleteBlock" ? StoreOutcome.Conflict : StoreOutcome.Done);
        var sweeper = new LeakSweeper(
            store, "n2", _ => Task.FromResult(Evidence("node-gone")), TimeProvider.System, TimeSpan.Zero);
        await sweeper.Sweep(CancellationToken.None);
        Assert.Single(store.Affinities);
    }

    private static async Task<(FakeIpamStore Store, string Block)> Store()
    {
        var store = new FakeIpamStore();
        await using var ipam = IpamWorld.Client(
            store, "n1", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/24")));
        var request = new AssignRequest("c1/eth0", [IpFamily.V4], "ns", "web", "uid-1");
        Assert.True((await ipam.Assign(request, CancellationToken.None)).IsAssigned);
        return (store, store.Blocks[0].Metadata.Name);
    }

    /// <summary>Node n1 has a block in which nothing is used.</summary>
    private static async Task<FakeIpamStore> Emptied()
    {
        var (store, name) = await Store();
        var block = store.Blocks.Single(b => b.Metadata.Name == name);
        var (empty, _) = BlockAllocator.ReleaseHandle(block.Spec, "c1/eth0");
        await store.ReplaceBlock(IpamObjects.With(block, empty), CancellationToken.None);
        return store;
    }

    private static LeakEvidence Evidence(string story)
    {
        var pod = new Pod
        {
            Metadata = new() { Name = "web", Namespace = "ns", Uid = "uid-1" },
            Spec = new() { NodeName = "n1" },
            Status = new() { Phase = "Running", PodIPs = [new("10.0.0.1")] },
        };
        pod = story switch
        {
            "starting" => pod with { Status = null },
            // A static pod: the runtime knows it by another uid than the API does.
            "mirrored" => pod with
            {
                Metadata = pod.Metadata with
                {
                    Uid = "uid-2",
                    Annotations = new Dictionary<string, string> { [LeakCollector.MirrorAnnotation] = "uid-1" },
                },
            },
            "replaced" => pod with { Metadata = pod.Metadata with { Uid = "uid-2" } },
            "finished" => pod with { Status = pod.Status! with { Phase = "Succeeded" } },
            "moved" => pod with { Spec = new() { NodeName = "n2" } },
            "other-address" => pod with { Status = pod.Status! with { PodIPs = [new("10.0.0.9")] } },
            _ => pod,
        };
        string[] nodes = story == "node-gone" ? ["n2", "n3"] : ["n1", "n2", "n3"];
        return LeakEvidence.Of(
            nodes.Select(n => new Node { Metadata = new() { Name = n } }), story == "missing" ? [] : [pod]);
    }
}
