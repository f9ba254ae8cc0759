using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Controllers;
using Causeway.Lab.Kubelet;
using Causeway.Lab.Kubelet.Streams;
using Causeway.Lab.Tests.ApiServer;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Tests.Kubelet;

/// <summary>
/// An API server, controllers, scheduler and kubelet in this process; nodes are network namespaces, and Debian's
/// bridge plugin with host-local connects their pods. Gone without a trace when disposed.
/// </summary>
internal sealed class LiveCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder;
    private readonly KubeClient _client;
    private readonly KubeletStreams _streams;
    private readonly List<string> _problems = [];
    private CancellationTokenSource _running = new();
    private Task _parts = Task.CompletedTask;

    private LiveCluster(RunningServer server, DirectoryInfo folder, KubeClient client, KubeletStreams streams) =>
        (Server, _folder, _client, _streams) = (server, folder, client, streams);

    public RunningServer Server { get; }

    public string StateDirectory => Path.Combine(_folder.FullName, "state");

    public string RunDirectory => Path.Combine(_folder.FullName, "run");

    public string NamespaceDirectory => Path.Combine(_folder.FullName, "netns");

    /// <summary>The pods' network namespaces by their names, which are links to the kubelet's descriptors: once it has
    /// closed them, a number may be a directory's, and files alone would leave that name out.</summary>
    public string[] SandboxNames() => Directory.GetFileSystemEntries(NamespaceDirectory, "cni-*");

    /// <summary>What the kubelet and the controllers complained about.</summary>
    public List<string> Problems
    {
        get { lock (_problems) return [.. _problems]; }
    }

    public static bool CanRun => Environment.IsPrivilegedProcess && File.Exists("/usr/lib/cni/bridge");

    /// <summary>With its nodes ready.</summary>
    /// <param name="plugin">A script in place of the bridge plugin.</param>
    public static async Task<LiveCluster> StartAsync(int nodes = 2, string? plugin = null)
    {
        var folder = Directory.CreateTempSubdirectory("causeway-kubelet-");
        var streams = new KubeletStreams();
        var server = await RunningServer.StartAsync(o => o with { Kubelet = streams });
        var access = KubeConfig.Load(await server.KubeconfigAsync()).Access();
        var client = new KubeClient(access, TimeProvider.System, new() { ConnectTimeout = Patience });
        var cluster = new LiveCluster(server, folder, client, streams);
        for (var i = 1; i <= nodes; i++) cluster.MakeNode(i, plugin);
        cluster.Run();
        try
        {
            // Each registers by itself, and a scheduler that knows of one alone gives it all pods.
            await cluster.UntilAsync(
                "get nodes --no-headers", t => t.Split('\n').Count(l => l.Contains(" Ready ")) == nodes);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
        return cluster;
    }

    /// <summary>Ends controllers and kubelet as a crash of the lab would leave things in the API.</summary>
    public async Task StopAsync()
    {
        await _running.CancelAsync();
        await _parts.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    public void Run()
    {
        _running = new();
        var nodes = Directory.GetFiles(NamespaceDirectory, "node*").Order(StringComparer.Ordinal).Select(Node).ToList();
        var options = new KubeletOptions
        {
            Client = _client,
            Nodes = nodes,
            StateDirectory = StateDirectory,
            RunDirectory = RunDirectory,
            NamespaceDirectory = NamespaceDirectory,
            Program = ["/bin/false"],
            Streams = _streams,
            OnProblem = Complain,
        };
        _parts = Task.WhenAll(
            LabControllers.RunAsync(_client, [Prefix.Parse("198.51.100.0/24")], TimeProvider.System, Complain, _running.Token),
            LabKubelet.RunAsync(options, TimeProvider.System, _running.Token));
    }

    /// <summary>Applies a manifest.</summary>
    public Task<string> ApplyAsync(string yaml) => Server.KubectlAsync("apply -f -", yaml);

    /// <summary>Waits for an answer of a kubectl that ends with 0; the test fails with the last one when it does not
    /// come.</summary>
    public async Task<string> UntilAsync(string kubectl, Func<string, bool> good)
    {
        var end = TimeProvider.System.GetTimestamp() + (long)(Patience.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (true)
        {
            Assert.False(_parts.IsFaulted, $"{_parts.Exception}");
            var result = await Server.TryKubectlAsync(kubectl);
            if (result.Succeeded && good(result.Output)) return result.Output;
            if (TimeProvider.System.GetTimestamp() > end)
                Assert.Fail($"kubectl {kubectl}: {result.Output}{result.Error}\n{string.Join('\n', Problems)}\n"
                    + (await Server.TryKubectlAsync("get events -A")).Output);
            await Task.Delay(50);
        }
    }

    public Task ReadyAsync(string pod) => UntilAsync(
        $"get pod {pod} -o jsonpath={{.status.conditions[?(@.type==\"Ready\")].status}}", text => text == "True");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        await Server.DisposeAsync();
        // A pod's name leads to a number that another cluster's descriptor may have by now.
        foreach (var name in SandboxNames()) File.Delete(name);
        foreach (var path in Directory.GetFiles(NamespaceDirectory, "node*")) NetworkNamespace.Delete(path);
        await ProcessSpawner.Run(["umount", "-l", NamespaceDirectory]);
        _folder.Delete(recursive: true);
    }

    private void Complain(string text)
    {
        lock (_problems) _problems.Add(text);
    }

    private void MakeNode(int number, string? plugin)
    {
        var name = "node" + number.ToString(CultureInfo.InvariantCulture);
        NetworkNamespace.Create(Path.Combine(NamespaceDirectory, name));
        var bin = Path.Combine(_folder.FullName, name, "bin");
        Directory.CreateDirectory(bin);
        if (plugin is null) File.CreateSymbolicLink(Path.Combine(bin, "bridge"), "/usr/lib/cni/bridge");
        else
        {
            File.WriteAllText(Path.Combine(bin, "bridge"), plugin);
            File.SetUnixFileMode(Path.Combine(bin, "bridge"), (UnixFileMode)0b111_101_101);
        }
        File.CreateSymbolicLink(Path.Combine(bin, "host-local"), "/usr/lib/cni/host-local");
        var configuration = new JsonObject
        {
            ["cniVersion"] = plugin is null ? "1.0.0" : "1.1.0",
            ["name"] = "test",
            ["plugins"] = new JsonArray(new JsonObject
            {
                ["type"] = "bridge",
                ["bridge"] = "cni0",
                ["isGateway"] = true,
                ["ipam"] = new JsonObject
                {
                    ["type"] = "host-local",
                    ["subnet"] = $"10.9.{number}.0/24",
                    ["dataDir"] = Path.Combine(_folder.FullName, name, "ipam"),
                },
            }),
        };
        File.WriteAllText(Path.Combine(_folder.FullName, name, "10-test.conflist"), configuration.ToJsonString());
    }

    private KubeletNode Node(string namespacePath)
    {
        var name = Path.GetFileName(namespacePath);
        var home = Path.Combine(_folder.FullName, name);
        return new(
            name, namespacePath, [IpAddress.Parse($"192.168.7.{name["node".Length..]}")], [Path.Combine(home, "bin")], home);
    }
}
