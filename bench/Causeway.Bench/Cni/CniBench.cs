using System.Diagnostics;
using System.Globalization;
using Causeway.Core.Cluster;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Bench.Cni;

/// <summary>
/// ADD and DEL as whole processes: ours with its agent against <c>ptp</c> with <c>host-local</c> of Debian's
/// containernetworking-plugins, in turn, each pod in a fresh namespace. Our DEL returns when the pod is cut
/// off and its address free; the time until the device is gone is told beside it.
/// </summary>
internal static class CniBench
{
    private const string Peer = "/usr/lib/cni/ptp";

    private const int Rounds = 40;

    public static async Task Run(Harness harness)
    {
        var plugin = FindPlugin();
        if (!File.Exists(Peer)) throw new FileNotFoundException("install containernetworking-plugins", Peer);
        var name = string.Create(CultureInfo.InvariantCulture, $"cwbench-{Environment.ProcessId}");
        var (run, node) = ($"/tmp/{name}", $"/run/netns/{name}-node");
        Directory.CreateDirectory(run);
        NetworkNamespace.Create(node);
        try
        {
            var ours = $$"""{"cniVersion":"1.0.0","name":"b","type":"causeway","socket":"{{run}}/agent.sock"}""";
            var theirs = $$"""
                {"cniVersion":"1.0.0","name":"b","type":"ptp","mtu":1450,"ipam":{"type":"host-local","dataDir":"{{run}}/ipam",
                 "ranges":[[{"subnet":"10.245.0.0/16"}]],"routes":[{"dst":"0.0.0.0/0"}] } }
                """;
            var (our, their, gone) = (new Pair(), new Pair(), new Samples());
            await using (var agent = new BenchAgent(run, node))
            {
                for (var round = -3; round < Rounds; round++)
                {
                    var id = string.Create(CultureInfo.InvariantCulture, $"c{round + 3}");
                    var pod = $"/run/netns/{name}-{id}";
                    var measured = round >= 0;
                    // Who goes first changes from round to round.
                    if (round % 2 == 0) One(node, pod, id, Peer, theirs, measured ? their : new());
                    One(node, pod, id, plugin, ours, measured ? our : new(), () =>
                    {
                        while (agent.Has(EndpointDevice.NameOf(id + "/eth0"))) Thread.Yield();
                    }, measured ? gone : new());
                    if (round % 2 != 0) One(node, pod, id, Peer, theirs, measured ? their : new());
                }
            }
            await harness.Times("CNI ADD, whole process", our.Add, their.Add);
            await harness.Times("CNI DEL, whole process", our.Delete, their.Delete);
            await harness.Times("CNI DEL, until the device is gone", gone);
        }
        finally
        {
            NetworkNamespace.Delete(node);
            Directory.Delete(run, recursive: true);
        }
    }

    private static void One(
        string node, string pod, string id, string plugin, string configuration, Pair times,
        Action? settle = null, Samples? settled = null)
    {
        NetworkNamespace.Create(pod);
        try
        {
            times.Add.Add(Time(node, pod, id, plugin, "ADD", configuration));
            var start = Stopwatch.GetTimestamp();
            times.Delete.Add(Time(node, pod, id, plugin, "DEL", configuration));
            // What still goes on behind our DEL must not fall on the peer.
            settle?.Invoke();
            settled?.Add(Stopwatch.GetElapsedTime(start));
        }
        finally
        {
            NetworkNamespace.Delete(pod);
        }
    }

    private static TimeSpan Time(string node, string pod, string id, string plugin, string verb, string configuration)
    {
        var start = new ProcessStart(plugin)
        {
            Environment = new Dictionary<string, string>
            {
                ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
                ["CNI_COMMAND"] = verb, ["CNI_CONTAINERID"] = id, ["CNI_NETNS"] = pod, ["CNI_IFNAME"] = "eth0",
                ["CNI_PATH"] = Path.GetDirectoryName(Peer)!,
            },
        };
        return NetworkNamespace.Run(node, () =>
        {
            var begin = Stopwatch.GetTimestamp();
            var run = ProcessSpawner.Run(start, configuration, TimeSpan.FromSeconds(60)).GetAwaiter().GetResult();
            var time = Stopwatch.GetElapsedTime(begin);
            return run.Succeeded ? time
                : throw new InvalidOperationException($"{plugin} {verb}: {run.Output}{run.Error}");
        });
    }

    private static string FindPlugin()
    {
        foreach (var directory in (IEnumerable<string?>)[Environment.GetEnvironmentVariable("CAUSEWAY_BIN"), "artifacts/bin"])
        {
            if (directory is { Length: > 0 } && File.Exists(Path.Combine(directory, "causeway-cni")))
                return Path.GetFullPath(Path.Combine(directory, "causeway-cni"));
        }
        throw new FileNotFoundException("build with ./causeway --help first, or name the folder in CAUSEWAY_BIN", "causeway-cni");
    }

    private sealed class Pair
    {
        public Samples Add { get; } = new();

        public Samples Delete { get; } = new();
    }
}
