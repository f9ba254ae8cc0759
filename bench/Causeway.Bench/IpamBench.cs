using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;
using Causeway.Kubernetes.Ipam;

namespace Causeway.Bench;

/// <summary>Addresses assigned in a second: one node one after another, one node many at once, many nodes
/// that race. The store is in memory, with the API's compare-and-swap, and a delay where a line says
/// so.</summary>
internal static class IpamBench
{
    private const int Count = 1000;
    private const int Nodes = 50;

    private static readonly TimeSpan Trip = TimeSpan.FromMilliseconds(2);

    private static readonly IpPool Pool = new()
    {
        Metadata = new() { Name = "p" },
        Spec = new() { Cidr = "10.0.0.0/8" },
    };

    private static readonly IpamView View = new(PoolSet.Of([Pool]), null);

    public static async Task Run(Harness harness)
    {
        await harness.Rate("ipam: one node, one after another", Count, () => OneNode(new(), parallel: false));
        await harness.Rate("ipam: one node, all at once", Count, () => OneNode(new(), parallel: true));
        await harness.Rate($"ipam: {Nodes} nodes at once", Count, () => ManyNodes(new FakeIpamStore(), "n"));
        await harness.Rate("ipam: one node, all at once, store 2 ms away", Count,
            () => OneNode(Far(), parallel: true));
        await harness.Rate(
            $"ipam: {Nodes} nodes at once, store 2 ms away", Count, () => ManyNodes(Far(), "n"));
        await using var server = await BenchServer.Start(TimeProvider.System);
        // Nodes of a run are not those of the run before: each begins without a block.
        var run = 0;
        Task Real(Func<IIpamStore, string, Task> bench) =>
            bench(new KubeIpamStore(server.Client), $"r{run++}-n");
        await harness.Rate("ipam: one node, one after another, API server", Count,
            () => Real((store, prefix) => Life(store, prefix, Count, parallel: false)));
        await harness.Rate("ipam: one node, all at once, API server", Count,
            () => Real((store, prefix) => Life(store, prefix, Count, parallel: true)));
        await harness.Rate($"ipam: {Nodes} nodes at once, API server", Count, () => Real(ManyNodes));
    }

    private static FakeIpamStore Far() => new()
    {
        Before = async (_, _) =>
        {
            await Task.Delay(Trip, TimeProvider.System);
            return StoreOutcome.Done;
        },
    };

    private static Task OneNode(FakeIpamStore store, bool parallel) => Life(store, "n1", Count, parallel);

    private static Task ManyNodes(IIpamStore store, string prefix) => Task.WhenAll(
        Enumerable.Range(0, Nodes).Select(n =>
            Task.Run(() => Life(store, $"{prefix}{n}", Count / Nodes, parallel: true))));

    private static async Task Life(IIpamStore store, string node, int count, bool parallel)
    {
        await using var ipam = new IpamClient(store, node, () => View, TimeProvider.System);
        List<Task<AssignResult>> all = [];
        for (var i = 0; i < count; i++)
        {
            var request = new AssignRequest($"{node}-{i}/eth0", [IpFamily.V4], "ns", $"pod-{i}", $"uid-{i}");
            all.Add(ipam.Assign(request, CancellationToken.None));
            if (!parallel) await all[^1];
        }
        foreach (var result in await Task.WhenAll(all))
            if (!result.IsAssigned) throw new InvalidOperationException(result.Failure!.Message);
    }
}
