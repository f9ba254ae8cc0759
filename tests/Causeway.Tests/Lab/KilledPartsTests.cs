using System.Text.Json.Nodes;
using Causeway.Linux.Processes;

namespace Causeway.Tests.Lab;

/// <summary>Parts of a cluster that die or hang at a bad moment: packets flow on, and nothing leaks.</summary>
[Collection("lab")]
public sealed class KilledPartsTests
{
    private const int Replicas = 40;

    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: many}
        spec:
          replicas: 40
          selector: {matchLabels: {app: many}}
          template:
            metadata: {labels: {app: many}}
            spec: {containers: [{name: c, image: busybox}]}
        """;

    [Fact]
    public async Task Kill_9_of_agents_loses_no_packet_of_a_flow()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "2");
        var scene = new LabScene(lab);
        await scene.RunPods();
        await scene.Ping();
        // 300 echoes while both agents die and come back; the last one is sent after that.
        var ping = lab.Run("lab", "exec", "a", "--", "ping", "-i", "0.02", "-c", "300", "-W", "30", scene.Target);
        var http = lab.Run("lab", "exec", "a", "--", "sh", "-ec",
            $"for i in $(seq 100); do test $(curl -sS -m 30 {scene.Target}) = b; done");
        foreach (var node in (string[])["n1", "n2"])
        {
            await scene.SignalAgent(node, "KILL");
            await LabHarness.Eventually($"the agent of {node} is started again", async () =>
                await scene.Node(node) is { } now && (int)now["restarts"]! == 1 && (string)now["agent"]! == "Running");
        }
        Assert.Contains(" 0% packet loss", (await ping).Output, StringComparison.Ordinal);
        var answered = await http;
        Assert.True(answered.Succeeded, answered.Error);
        foreach (var node in (string[])["n1", "n2"])
            await LabHarness.Eventually($"the agent of {node} is ready", async () => (await lab.Run(
                "lab", "node-exec", node, "--", "curl", "-sfS", "-m", "5", "127.0.0.1:9099/readyz")).Succeeded);
        Assert.Equal(0, (await scene.Trace()).ExitCode);
        await lab.Good("ipam", "check");
    }

    /// <summary>The API server, the kubelet and the controllers are one process, the lab's init.</summary>
    [Fact]
    public async Task An_API_server_that_hangs_while_pods_are_made_leaks_no_address_and_no_device()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "2", "--no-dns");
        await ApplyHalfWay(lab);
        using (var init = await Init(lab))
        {
            init.Send(Signal.Stop);
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            init.Send(Signal.Continue);
        }
        await AllRunAndNothingLeaked(lab);
    }

    [Fact]
    public async Task A_lab_killed_while_pods_are_made_comes_up_and_leaks_no_address_and_no_device()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "2", "--no-dns");
        await ApplyHalfWay(lab);
        using (var init = await Init(lab))
        {
            init.Send(Signal.Kill);
            Assert.True(init.WaitForExit(TimeSpan.FromSeconds(30)));
        }
        await lab.Good("lab", "up");
        await AllRunAndNothingLeaked(lab);
    }

    /// <summary>Agents that die while they connect pods: the kubelet calls again.</summary>
    [Fact]
    public async Task Agents_killed_while_pods_are_made_leak_no_address_and_no_device()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "2", "--no-dns");
        var scene = new LabScene(lab);
        await ApplyHalfWay(lab);
        foreach (var node in (string[])["n1", "n2"]) await scene.SignalAgent(node, "KILL");
        await AllRunAndNothingLeaked(lab);
    }

    /// <summary>Returns when the first of many pods has its device.</summary>
    private static async Task ApplyHalfWay(LabHarness lab)
    {
        var applied = await lab.RunWith(Deployment, "apply", "-f", "-");
        Assert.True(applied.Succeeded, applied.Error);
        await LabHarness.Eventually("a pod is being made", async () => await Devices(lab, "n1") > 0);
    }

    private static async Task AllRunAndNothingLeaked(LabHarness lab)
    {
        await lab.Kubectl("default", "rollout", "status", "deployment/many", "--timeout=80s");
        await Settles(lab, Replicas);
        await lab.Kubectl("default", "scale", "deployment/many", "--replicas=0");
        await Settles(lab, 0);
    }

    private static async Task Settles(LabHarness lab, int pods)
    {
        var last = "";
        try
        {
            await LabHarness.Eventually("", async () =>
            {
                var devices = await Devices(lab, "n1") + await Devices(lab, "n2");
                var check = await lab.Run("ipam", "check");
                var usage = JsonNode.Parse((await lab.Run("ipam", "show", "-o", "json")).Output);
                var used = (int)usage!["pools"]![0]!["used"]!;
                last = $"{devices} devices, {used} addresses for {pods} pods and 2 tunnels; {check.Output}";
                return devices == pods && used == pods + 2 && check.Succeeded;
            });
        }
        catch (Exception e)
        {
            Assert.Fail($"{last} {e.Message}");
        }
    }

    private static async Task<int> Devices(LabHarness lab, string node) =>
        (await lab.Good("lab", "node-exec", node, "--", "ip", "-o", "link")).Split('\n').Count(l => l.Contains(": cwp", StringComparison.Ordinal));

    private static async Task<RunningProcess> Init(LabHarness lab) =>
        RunningProcess.Open((int)JsonNode.Parse(await lab.Good("lab", "list", "-o", "json"))![0]!["init"]!)!;
}
