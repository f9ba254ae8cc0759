using System.Diagnostics;
using System.Globalization;
using Causeway.Agent.Proxy;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;
using Causeway.Core.Services.Iptables;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netfilter;
using Kind = Causeway.Core.Dataplane.Iptables.IptablesBackend;

namespace Causeway.Bench.Services;

/// <summary>
/// As <see cref="ServicesBench"/>, with iptables of either kernel interface. Beside the change of one endpoint the
/// text that a proxy restores which writes the chains of all services anew with each change, as the Kubernetes project's
/// does.
/// </summary>
internal static class IptablesBench
{
    private const int Changes = 21;

    public static async Task Run(Harness harness)
    {
        foreach (var kind in (Kind[])[Kind.Nft, Kind.Legacy])
        foreach (var services in (int[])[1_000, 10_000])
        {
            var path = string.Create(
                CultureInfo.InvariantCulture, $"{NetworkNamespace.Directory}/cwbench-{Environment.ProcessId}");
            NetworkNamespace.Create(path);
            try
            {
                await Measure(harness, kind, services, path);
            }
            finally
            {
                NetworkNamespace.Delete(path);
            }
        }
    }

    private static async Task Measure(Harness harness, Kind kind, int services, string path)
    {
        Dictionary<ServicePortKey, ServicePortPlan?> changed = [];
        IptablesServices all = new(IpFamily.V4);
        var planner = BenchServices.Planner(services, changed);
        using var backend = new IptablesBackend(_ => { }, kind, path);
        foreach (var (key, plan) in changed) all.Set(key, plan);
        all.Scope = planner.Scope;
        all.Take();
        backend.SetScope(planner.Scope);
        var tool = new IptablesTool(kind, path);
        var words = string.Create(CultureInfo.InvariantCulture, $"{services:N0} services, {tool.Name(IpFamily.V4)}");

        foreach (var what in new[] { "full sync", "looking for differences" })
        {
            var full = new Samples();
            var start = Stopwatch.GetTimestamp();
            backend.Resync(changed);
            full.Add(Stopwatch.GetElapsedTime(start));
            await harness.Times($"{words}, {what}", full);
        }

        var (ours, theirs) = (new Samples(), new Samples());
        for (var i = -2; i < Changes; i++)
        {
            var number = (i + 2) * 7 % services;
            changed.Clear();
            var start = Stopwatch.GetTimestamp();
            planner.Set(BenchServices.Slice(number, generation: i + 3));
            backend.Apply(changed);
            if (i >= 0) ours.Add(Stopwatch.GetElapsedTime(start));
            var script = WithSharedChains(all, changed);
            start = Stopwatch.GetTimestamp();
            tool.Restore(IpFamily.V4, script);
            if (i >= 0) theirs.Add(Stopwatch.GetElapsedTime(start));
        }
        await harness.Times($"{words}, one endpoint (peer: shared chains anew)", ours, theirs);
    }

    private static string WithSharedChains(
        IptablesServices all, Dictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        foreach (var (key, plan) in changed) all.Set(key, plan);
        IptablesScript script = new();
        foreach (var chain in all.Chains().Where(c => !ProxyChains.OwnsPort(c.Chain))) script.Write(chain);
        foreach (var chain in all.Take().Written) script.Write(chain);
        return script.ToString();
    }
}
