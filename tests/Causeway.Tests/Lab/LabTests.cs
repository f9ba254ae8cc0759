using System.Text.Json.Nodes;
using Causeway.Linux.Processes;

namespace Causeway.Tests.Lab;

[Collection("lab")]
public sealed class LabTests
{
    [Fact]
    public async Task Pods_reach_each_other_and_the_world_and_down_leaves_nothing()
    {
        await using var lab = LabHarness.AsRoot();
        Assert.Contains("2 of 2 nodes Ready", await lab.Good("lab", "up", "--nodes", "2"), StringComparison.Ordinal);
        var scene = new LabScene(lab);
        await scene.RunPods();
        await scene.Ping();
        await scene.AskTheApiFromAPod();
        Assert.Equal("b", (await lab.Good("lab", "exec", "a", "--", "curl", "-sS", "-m", "30", scene.Target)).Trim());
        // The ip tool has nothing to complain about.
        Assert.Equal("", (await lab.Run("lab", "exec", "a", "--", "ip", "addr")).Error);
        // Masqueraded: the world sees the node.
        var seen = await lab.Good("lab", "exec", "a", "--", "curl", "-sS", "-m", "30", "192.0.2.10");
        Assert.Equal("172.30.0.11", seen.Trim());
        Assert.Equal(7, (await lab.Run("lab", "exec", "a", "--", "sh", "-c", "exit 7")).ExitCode);
        Assert.Equal("in", (await lab.RunWith("in", "lab", "exec", "a", "--", "cat")).Output);
        Assert.Contains("dev cwvxlan", await lab.Good("lab", "node-exec", "n1", "--", "ip", "route"), StringComparison.Ordinal);
        Assert.Contains("already", await lab.Good("lab", "up"), StringComparison.Ordinal);
        await lab.Good("lab", "down");
        await AssertNothingLeft(lab);
        Assert.False(Directory.Exists(Path.Combine(lab.State, "labs", "default")));
    }

    [Fact]
    public async Task Kill_9_of_the_init_leaves_nothing_and_the_lab_comes_up_again_with_its_objects()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "2");
        await new LabScene(lab).RunPods();
        string[] configMap = ["configmap", "coredns", "-n", "kube-system"];
        await lab.Kubectl("default", ["annotate", .. configMap, "example.com/mine=yes"]);
        using (var init = RunningProcess.Open((int)(await List(lab))["init"]!)!)
        {
            init.Send(Signal.Kill);
            Assert.True(init.WaitForExit(TimeSpan.FromSeconds(30)));
        }
        await AssertNothingLeft(lab);
        Assert.Equal("stopped", (string?)(await List(lab))["state"]);
        Assert.Contains("kept", await lab.Good("lab", "up"), StringComparison.Ordinal);
        Assert.Contains(
            "example.com/mine", await lab.Kubectl("default", ["get", .. configMap, "-o", "yaml"]), StringComparison.Ordinal);
        var scene = new LabScene(lab);
        // Until the kubelet has made the pods anew, the API tells that they are Ready, and the addresses that they had.
        await LabHarness.Eventually("the pods reach each other again", async () =>
        {
            await scene.RunPods();
            return (await scene.TryPing()).Succeeded;
        });
    }

    [Fact]
    public async Task A_lab_whose_directory_is_deleted_ends()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--no-dns", "--nodes", "1");
        var directory = Path.Combine(lab.State, "labs", "default");
        await LabHarness.Eventually("the directory is deleted", () => Task.FromResult(Deleted(directory)));
        await AssertNothingLeft(lab);
    }

    [Fact]
    public async Task Two_labs_stand_side_by_side_and_a_killed_agent_comes_back()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--lab", "one", "--nodes", "1");
        await lab.Good("lab", "up", "--lab", "two", "--nodes", "2", "--family", "dual", "--topology", "routed");
        Assert.Contains("which lab?", (await lab.Run("lab", "status")).Error, StringComparison.Ordinal);
        await lab.Good("lab", "node-exec", "--lab", "two", "n1", "--", "ping", "-c", "1", "-W", "30", "172.31.0.12");
        await lab.Good("lab", "node-exec", "--lab", "two", "n1", "--", "ping", "-c", "1", "-W", "30", "fd00:cafe:1::c");
        var before = await Node(lab, "one");
        await lab.Good("lab", "node-exec", "--lab", "one", "n1", "--", "kill", "-9", before["agentPid"]!.ToString());
        await LabHarness.Eventually("the agent is started again", async () =>
            (await Node(lab, "one")) is { } now && (int)now["restarts"]! == 1 && (string)now["agent"]! == "Running");
        await lab.Good("lab", "down", "--lab", "one");
        await lab.Good("lab", "status", "--lab", "two");
    }

    [Fact]
    public async Task An_ordinary_user_has_labs_too()
    {
        await using var lab = await LabHarness.AsNobody();
        await lab.Good("lab", "up", "--nodes", "2");
        var scene = new LabScene(lab);
        await scene.RunPods();
        await scene.Ping();
        await scene.AskTheApiFromAPod();
        await lab.Good("lab", "down");
        await AssertNothingLeft(lab);
    }

    [Theory]
    [InlineData("--nodes 0: a lab has 1 to 500 nodes", "lab", "up", "--nodes", "0")]
    [InlineData("--lab 'A_b'", "lab", "up", "--lab", "A_b")]
    [InlineData("no lab 'x'", "lab", "down", "--lab", "x")]
    [InlineData("no lab 'default'", "lab", "kubeconfig")]
    [InlineData("stdin:1: metadata: is missing", "apply", "-f", "-")]
    public async Task Wrong_input_ends_2_and_names_it(string message, params string[] arguments)
    {
        await using var lab = LabHarness.AsRoot();
        var result = await lab.RunWith("apiVersion: v1\nkind: Pod\n", arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    private static bool Deleted(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (IOException)
        {
            // The lab, which still lives, made a file there meanwhile, or took one away.
        }
        return !Directory.Exists(directory);
    }

    private static async Task<JsonNode> List(LabHarness lab) =>
        JsonNode.Parse(await lab.Good("lab", "list", "-o", "json"))![0]!;

    private static async Task<JsonNode> Node(LabHarness lab, string name) =>
        JsonNode.Parse((await lab.Run("lab", "status", "--lab", name, "-o", "json")).Output)!["nodes"]![0]!;

    private static Task AssertNothingLeft(LabHarness lab) => LabHarness.Eventually(
        $"left: {string.Join('\n', lab.Processes())}", () => Task.FromResult(lab.Processes().Count == 0));
}
