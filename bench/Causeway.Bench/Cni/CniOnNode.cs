using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Text;
using Causeway.Core.Cluster;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Bench.Cni;

/// <summary>
/// The part that runs in a node's namespaces: our plugin with the node's agent against <c>ptp</c> with
/// <c>host-local</c> of Debian's containernetworking-plugins, in turn, each pod in a fresh namespace. Our DEL
/// returns when the pod is cut off and its address free; the time until the device is gone is told beside it.
/// </summary>
internal static class CniOnNode
{
    private const string Peer = "/usr/lib/cni/ptp";

    private const int Rounds = 40;

    public static async Task Run(Harness harness, string socket, string plugin)
    {
        if (!File.Exists(Peer)) throw new FileNotFoundException("install containernetworking-plugins", Peer);
        var leases = Directory.CreateTempSubdirectory("causeway-bench-");
        var ours = $$"""{"cniVersion":"1.0.0","name":"b","type":"causeway","socket":"{{socket}}"}""";
        var theirs = $$"""
            {"cniVersion":"1.0.0","name":"b","type":"ptp","mtu":1450,"ipam":{"type":"host-local","dataDir":"{{leases.FullName}}",
             "ranges":[[{"subnet":"10.245.0.0/16"}]],"routes":[{"dst":"0.0.0.0/0"}] } }
            """;
        var (our, their, gone) = (new Pair(), new Pair(), new Samples());
        for (var round = -3; round < Rounds; round++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"bench-{Environment.ProcessId}-{round + 3}");
            var device = EndpointDevice.NameOf(EndpointDevice.HandleOf(id, "eth0"));
            var measured = round >= 0;
            // Who goes first changes from round to round.
            if (round % 2 == 0) await One(id, Peer, theirs, measured ? their : new());
            await One(id, plugin, ours, measured ? our : new(), device, measured ? gone : new());
            if (round % 2 != 0) await One(id, Peer, theirs, measured ? their : new());
        }
        await harness.Times("CNI ADD, whole process, address in the API", our.Add, their.Add);
        await harness.Times("CNI DEL, whole process", our.Delete, their.Delete);
        await harness.Times("CNI DEL, until the device is gone", gone);
        leases.Delete(recursive: true);
    }

    private static async Task One(
        string id, string plugin, string configuration, Pair times, string? device = null, Samples? gone = null)
    {
        var pod = $"{NetworkNamespace.Directory}/{id}";
        NetworkNamespace.Create(pod);
        try
        {
            times.Add.Add(await Time(pod, id, plugin, "ADD", configuration));
            var start = Stopwatch.GetTimestamp();
            times.Delete.Add(await Time(pod, id, plugin, "DEL", configuration));
            if (device is null) return;
            // What still goes on behind our DEL must not fall on the peer.
            while (Directory.Exists($"/proc/sys/net/ipv4/conf/{device}")) Thread.Yield();
            gone?.Add(Stopwatch.GetElapsedTime(start));
        }
        finally
        {
            NetworkNamespace.Delete(pod);
        }
    }

    /// <summary>From before the start until the output ends: the kernel closes it when the process's memory is
    /// already gone. What this process needs to hear of the exit is its own affair.</summary>
    private static async Task<TimeSpan> Time(string pod, string id, string plugin, string verb, string configuration)
    {
        using var input = new AnonymousPipeServerStream(PipeDirection.Out);
        using var output = new AnonymousPipeServerStream(PipeDirection.In);
        using var result = new MemoryStream();
        var start = new ProcessStart(plugin)
        {
            Input = ChildStream.Descriptor(input.ClientSafePipeHandle),
            Output = ChildStream.Descriptor(output.ClientSafePipeHandle),
            Environment = new Dictionary<string, string>
            {
                ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
                ["CNI_COMMAND"] = verb, ["CNI_CONTAINERID"] = id, ["CNI_NETNS"] = pod, ["CNI_IFNAME"] = "eth0",
                ["CNI_PATH"] = Path.GetDirectoryName(Peer)!,
            },
        };
        var begin = Stopwatch.GetTimestamp();
        var child = ProcessSpawner.Spawn(start);
        input.DisposeLocalCopyOfClientHandle();
        output.DisposeLocalCopyOfClientHandle();
        input.Write(Encoding.UTF8.GetBytes(configuration));
        input.Dispose();
        output.CopyTo(result);
        var time = Stopwatch.GetElapsedTime(begin);
        return await child.Exited == 0 ? time
            : throw new InvalidOperationException($"{plugin} {verb}: {Encoding.UTF8.GetString(result.ToArray())}");
    }

    private sealed class Pair
    {
        public Samples Add { get; } = new();

        public Samples Delete { get; } = new();
    }
}
