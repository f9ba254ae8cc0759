using Causeway.Bench;
using Causeway.Bench.Cni;
using Causeway.Bench.Dns;
using Causeway.Bench.Services;

// The table of benches: each is a class with a Run that prints its lines through the harness.
var benches = new SortedDictionary<string, Func<Harness, Task>>(StringComparer.Ordinal)
{
    ["cni"] = CniBench.Run,
    ["dns"] = DnsBench.Run,
    ["ipam"] = IpamBench.Run,
    ["plan"] = PlanBench.Run,
    ["services"] = ServicesBench.Run,
    ["services-iptables"] = IptablesBench.Run,
    ["services-path"] = ServicePathBench.Run,
    ["services-path-ipvs"] = ServicePathBench.RunIpvs,
};

var harness = new Harness(Console.Out, TimeProvider.System);
if (args is [CniBench.OnNode, var socket, var plugin])
{
    await CniOnNode.Run(harness, socket, plugin);
    return 0;
}

if (args.Length > 0 && args.Any(a => !benches.ContainsKey(a)))
{
    Console.Error.WriteLine(
        $"usage: Causeway.Bench [BENCH...]   there are: {string.Join(", ", benches.Keys)}");
    return 2;
}

foreach (var name in args.Length > 0 ? args : [.. benches.Keys]) await benches[name](harness);
return 0;
