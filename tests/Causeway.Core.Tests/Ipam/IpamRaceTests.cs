using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;
using CsCheck;

namespace Causeway.Core.Tests.Ipam;

/// <summary>Many nodes over one store, every call of theirs let through one by one in an order drawn from a
/// seed.</summary>
public sealed class IpamRaceTests
{
    [Fact]
    public void Racing_nodes_never_share_an_address_or_a_block() =>
        Gen.Select(Gen.Int, Gen.Int[2, 6], Gen.Int[26, 29]).Sample((seed, nodes, poolLength) =>
        {
            var schedule = new Schedule(seed);
            var view = IpamWorld.View(IpamWorld.Pool("p", $"10.0.0.0/{poolLength}", 30));
            var handed = schedule.Run(
                Enumerable.Range(0, nodes).Select(n => Life(schedule.Store, $"n{n}", view)));
            Assert.All(handed.GroupBy(a => a), g => Assert.Single(g));
            IpamWorld.AssertSound(schedule.Store);
            // Whoever was told an address still has it, and nobody has more.
            var stored = schedule.Store.Blocks.SelectMany(b => b.Spec.Allocations).Select(a => a.Address);
            Assert.Equal(handed.Order(), stored.Order());
        }, iter: 150);

    [Fact]
    public void Crash_between_any_two_calls_leaves_nothing_that_a_restart_does_not_clean() =>
        Gen.Select(Gen.Int, Gen.Int[0, 40], Gen.Bool).Sample((seed, crashAt, answerLost) =>
        {
            var schedule = new Schedule(
                seed) { CrashNode = "n0", CrashAt = crashAt, AnswerLost = answerLost };
            var view = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/27", 30));
            schedule.Run(Enumerable.Range(0, 3).Select(n => Life(schedule.Store, $"n{n}", view)));
            schedule.CrashNode = null;
            schedule.Run([Restart(schedule.Store, "n0", view)]);
            IpamWorld.AssertSound(schedule.Store);
            Assert.All(schedule.Store.Affinities,
                a => Assert.Equal(BlockAffinitySpec.Confirmed, a.Spec.State));
            foreach (var block in schedule.Store.Blocks.Where(b => b.Spec.Node is not null))
                Assert.Contains(schedule.Store.Affinities,
                    a => a.Spec.Cidr == block.Spec.Cidr && a.Spec.Node == block.Spec.Node);
        }, iter: 300);

    /// <summary>Takes some addresses, gives some back, takes some more; returns those it holds at the
    /// end.</summary>
    private static (string, Func<Task<List<string>>>) Life(FakeIpamStore store, string node, IpamView view) =>
        (node, async () =>
        {
            await using var ipam = IpamWorld.Client(store, node, view);
            Dictionary<string, string> held = [];
            for (var i = 0; i < 9; i++)
            {
                var handle = $"{node}-{i}";
                var result = await ipam.Assign(IpamWorld.Pod(handle), CancellationToken.None);
                if (result.IsAssigned) held[handle] = result.Addresses[0].Address.ToString();
                if (i % 3 != 2) continue;
                await ipam.Release($"{node}-{i - 1}", CancellationToken.None);
                held.Remove($"{node}-{i - 1}");
            }
            return [.. held.Values];
        });

    private static (
        string, Func<Task<List<string>>>) Restart(FakeIpamStore store, string node, IpamView view) =>
        (node, async () =>
        {
            await using var ipam = IpamWorld.Client(store, node, view);
            await ipam.Held("any", CancellationToken.None);
            return [];
        });
}
