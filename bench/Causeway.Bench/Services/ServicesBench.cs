using System.Diagnostics;
using System.Globalization;
using Causeway.Agent.Proxy;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Bench.Services;

/// <summary>
/// Services of 4 endpoints, from the object of the API to the kernel of a fresh namespace: all of them at once,
/// and one endpoint replaced among them. Beside it the same change by running nft, as a proxy that scripts the
/// tool must.
/// </summary>
internal static class ServicesBench
{
    private const int Changes = 51;

    public static async Task Run(Harness harness)
    {
        foreach (var services in (int[])[1_000, 10_000, 50_000])
        {
            var path = string.Create(
                CultureInfo.InvariantCulture, $"{NetworkNamespace.Directory}/cwbench-{Environment.ProcessId}");
            NetworkNamespace.Create(path);
            try
            {
                await Measure(harness, services, path);
            }
            finally
            {
                NetworkNamespace.Delete(path);
            }
        }
    }

    private static async Task Measure(Harness harness, int services, string path)
    {
        Dictionary<ServicePortKey, ServicePortPlan?> changed = [];
        using var backend = new NftBackend(path);
        var size = services.ToString("N0", CultureInfo.InvariantCulture);

        var start = Stopwatch.GetTimestamp();
        var planner = BenchServices.Planner(services, changed);
        var planned = new Samples();
        planned.Add(Stopwatch.GetElapsedTime(start));
        await harness.Times($"{size} services, planning all", planned);

        start = Stopwatch.GetTimestamp();
        backend.SetScope(planner.Scope);
        backend.Resync(changed);
        var full = new Samples();
        full.Add(Stopwatch.GetElapsedTime(start));
        await harness.Times($"{size} services, nftables, full sync", full);

        var (ours, tool) = (new Samples(), new Samples());
        for (var i = -3; i < Changes; i++)
        {
            var number = (i + 3) * 7 % services;
            changed.Clear();
            start = Stopwatch.GetTimestamp();
            planner.Set(BenchServices.Slice(number, generation: i + 4));
            backend.Apply(changed);
            if (i >= 0) ours.Add(Stopwatch.GetElapsedTime(start));
            start = Stopwatch.GetTimestamp();
            Nft(path, BenchServices.SameChangeAsText(number));
            if (i >= 0) tool.Add(Stopwatch.GetElapsedTime(start));
        }
        await harness.Times($"{size} services, nftables, one endpoint (peer: nft -f)", ours, tool);
    }

    private static void Nft(string path, string script)
    {
        var run = NetworkNamespace.Run(path, () => ProcessSpawner.Run(["nft", "-f", "-"], script));
        if (run.GetAwaiter().GetResult() is { Succeeded: false, Error: var error }) throw new IOException(error);
    }
}
