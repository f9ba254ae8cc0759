using System.Globalization;
using Causeway.Agent.Proxy;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;
using Causeway.Core.Services.Ipvs;
using Kind = Causeway.Core.Dataplane.Iptables.IptablesBackend;

namespace Causeway.Bench.Services;

/// <summary>
/// What packets meet: the time of a new connection from one pod to another, and the bytes of a second, through a
/// service among many against the other pod's own address, in turn.
/// </summary>
internal static class ServicePathBench
{
    public static async Task Run(Harness harness)
    {
        foreach (var services in (int[])[1, 10_000, 50_000]) await Measure(harness, services, p => new NftBackend(p));
        foreach (var kind in (Kind[])[Kind.Nft, Kind.Legacy])
        foreach (var services in (int[])[1, 10_000])
            await Measure(harness, services, p => new IptablesBackend(_ => { }, kind, p), kind.ToString().ToLowerInvariant());
        await Ipvs(harness, [1, 10_000]);
    }

    /// <summary>For an emulated machine whose kernel has IPVS, where this one has not: the ratios count, the times do
    /// not. It is too slow for more services, since ipset reads /etc/protocols for each member.</summary>
    public static Task RunIpvs(Harness harness) => Ipvs(harness, [1, 1_000]);

    private static async Task Ipvs(Harness harness, int[] sizes)
    {
        foreach (var services in sizes) await Measure(harness, services, p => new IpvsBackend(new IpvsSettings(), p));
    }

    private static async Task Measure(
        Harness harness, int services, Func<string, IServiceBackend> make, string variant = "")
    {
        using var scene = new ServicePathScene();
        using var backend = make(scene.Node);
        var name = variant.Length > 0 ? $"{backend.Name}-{variant}" : backend.Name;
        try
        {
            Load(backend, services);
        }
        catch (IOException e)
        {
            await harness.Print($"{name}: not on this machine: {e.Message}");
            return;
        }
        var size = string.Create(CultureInfo.InvariantCulture, $"{services:N0} services, {name}");
        var (through, direct) = scene.Connect(BenchServices.ClusterIp(Asked(services)), 80);
        await harness.Times($"{size}, new connection (peer: the pod's address)", through, direct);
        var (carried, bare) = scene.Transfer(BenchServices.ClusterIp(Asked(services)), 80);
        await harness.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{size}, throughput: {carried:0.0} Gbit/s, the pod's address {bare:0.0}, ratio {carried / bare:0.00}"));
    }

    // Where rules stand in a row, in their middle.
    private static int Asked(int services) => services / 2;

    private static void Load(IServiceBackend backend, int services)
    {
        Dictionary<ServicePortKey, ServicePortPlan?> changed = [];
        var planner = BenchServices.Planner(services, changed);
        planner.Set(BenchServices.Slice(Asked(services), [ServicePathScene.PodAddress]));
        backend.SetScope(planner.Scope);
        backend.Resync(changed);
    }
}
