using System.Globalization;
using System.Text.Json;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Cni.Tests;

/// <summary>A node: a network namespace of its own, a run directory, pods, and the plugin as a real process.
/// All of it is gone when it is disposed.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private static int _count;

    private readonly string _name = string.Create(
        CultureInfo.InvariantCulture, $"cwcni-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");

    private readonly List<string> _namespaces = [];

    private TestNode() => Namespace = AddNamespace("node");

    public string Namespace { get; }

    public string RunDirectory => "/tmp/" + _name;

    public string Socket => RunDirectory + "/agent.sock";

    /// <summary>Where chained plugins keep their state.</summary>
    public string DataDirectory => RunDirectory + "/data";

    /// <summary>The node has an address of each family on lo, as a node has some on some device.</summary>
    public static async Task<TestNode> CreateAsync()
    {
        var node = new TestNode();
        Directory.CreateDirectory(node.RunDirectory);
        foreach (var command in (string[])
            ["ip link set lo up", "ip addr add 192.0.2.1/32 dev lo", "ip addr add 2001:db8::1/128 dev lo nodad"])
            await node.ShellAsync(command);
        return node;
    }

    public string AddPod(string name = "pod") => AddNamespace(name);

    public static string Executable { get; } =
        Environment.GetEnvironmentVariable("CAUSEWAY_BIN") is { Length: > 0 } built
            && File.Exists(Path.Combine(built, "causeway-cni"))
            ? Path.Combine(built, "causeway-cni")
            : Path.Combine(AppContext.BaseDirectory, "causeway-cni");

    public string Configuration(string version = "1.1.0", string more = "") =>
        $$"""{"cniVersion":"{{version}}","name":"test","type":"causeway","socket":"{{Socket}}"{{more}}}""";

    /// <summary>Runs the plugin in the node's namespace.</summary>
    public Task<ProcessResult> PluginAsync(
        string verb, string netns = "", string containerId = "c1", string? configuration = null,
        string ifName = "eth0", string? arguments = null)
    {
        var start = Start(verb, netns, containerId, ifName, arguments);
        return NetworkNamespace.Run(Namespace, () => ProcessSpawner.Run(
            start, configuration ?? Configuration(), TimeSpan.FromSeconds(60)));
    }

    /// <summary>Starts an ADD whose process the test holds.</summary>
    public ChildProcess Spawn(string netns, string containerId = "c1")
    {
        var input = Path.Combine(RunDirectory, "input.json");
        File.WriteAllText(input, Configuration());
        var start = Start("ADD", netns, containerId, "eth0", null) with
        {
            Input = ChildStream.File(input), Output = ChildStream.Null, Error = ChildStream.Null,
        };
        return NetworkNamespace.Run(Namespace, () => ProcessSpawner.Spawn(start));
    }

    public async Task<CniResult> AddAsync(string netns, string containerId = "c1", string? configuration = null)
    {
        var run = await PluginAsync("ADD", netns, containerId, configuration);
        Assert.True(run.Succeeded, run.Output + run.Error);
        return CniResultJson.Parse(run.Output, "1.1.0");
    }

    /// <summary>The run failed with an error object; gives it.</summary>
    public static CniError Error(ProcessResult run)
    {
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(JsonValueKind.String, JsonElement.Parse(run.Output).GetProperty("cniVersion").ValueKind);
        return CniError.Parse(run.Output)!;
    }

    /// <summary>Runs a command line in a namespace, the node's unless another is given.</summary>
    public async Task<string> ShellAsync(string command, string? netns = null)
    {
        var run = await TryShellAsync(command, netns);
        Assert.True(run.Succeeded, $"{command}: {run.Output}{run.Error}");
        return run.Output;
    }

    public Task<ProcessResult> TryShellAsync(string command, string? netns = null) =>
        NetworkNamespace.Run(netns ?? Namespace, () => ProcessSpawner.Run(
            ["sh", "-c", command], timeout: TimeSpan.FromSeconds(90)));

    /// <summary>Names of the node's pod devices.</summary>
    public async Task<string[]> PodDevicesAsync()
    {
        var lines = await ShellAsync("ip -o link show type veth");
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')[1].Split('@')[0].TrimEnd(':'))];
    }

    /// <summary>Waits for something that is on its way.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, $"waited in vain until {what}");
            await Task.Delay(10);
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var netns in _namespaces) NetworkNamespace.Delete(netns);
        Directory.Delete(RunDirectory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private string AddNamespace(string name)
    {
        var path = $"/run/netns/{_name}-{name}";
        NetworkNamespace.Create(path);
        _namespaces.Add(path);
        return path;
    }

    private static ProcessStart Start(
        string verb, string netns, string containerId, string ifName, string? arguments) => new(Executable)
    {
        Environment = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            ["CNI_COMMAND"] = verb,
            ["CNI_CONTAINERID"] = containerId,
            ["CNI_NETNS"] = netns,
            ["CNI_IFNAME"] = ifName,
            ["CNI_PATH"] = "/usr/lib/cni",
            ["CNI_ARGS"] = arguments
                ?? $"IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME={containerId};K8S_POD_UID=u-{containerId}",
        },
    };
}
