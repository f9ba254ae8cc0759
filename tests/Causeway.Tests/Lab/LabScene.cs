using System.Text.Json.Nodes;
using Causeway.Linux.Processes;

namespace Causeway.Tests.Lab;

/// <summary>Two pods on two nodes of a lab, and what a test does to them and asks about them.</summary>
internal sealed class LabScene(LabHarness lab)
{
    private const string Pods = """
        apiVersion: v1
        kind: Pod
        metadata: {name: a}
        spec: {nodeName: n1, containers: [{name: c, image: busybox}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: b}
        spec: {nodeName: n2, containers: [{name: c, image: nginx}]}
        """;

    /// <summary>The address of pod b.</summary>
    public string Target { get; private set; } = "";

    /// <summary>Makes the pods, again after the lab was down, and waits until they are Ready.</summary>
    public async Task RunPods()
    {
        var applied = await lab.RunWith(Pods, "apply", "-f", "-");
        Assert.True(applied.Succeeded, applied.Error);
        await lab.Kubectl("default", "wait", "--for=condition=Ready", "pod/a", "pod/b", "--timeout=60s");
        Target = await lab.Kubectl("default", "get", "pod", "b", "-o", "jsonpath={.status.podIP}");
    }

    public Task<string> Ping() => lab.Good("lab", "exec", "a", "--", "ping", "-c", "1", "-W", "30", Target);

    /// <summary>By the address of the Service kubernetes, with what every container has of its service account.</summary>
    public async Task AskTheApiFromAPod()
    {
        const string script = """
            cd /var/run/secrets/kubernetes.io/serviceaccount
            curl -sSf -m 5 --cacert ca.crt -H "Authorization: Bearer $(cat token)" \
                --resolve kubernetes.default.svc:443:10.96.0.1 \
                https://kubernetes.default.svc/api/v1/namespaces/$(cat namespace)/pods/a
            curl -s -w '%{http_code}' -m 5 --cacert ca.crt https://10.96.0.1/api/v1/pods -o /dev/null
            """;
        var answer = "";
        // That services are in the kernel is no part of a node's or a pod's being Ready.
        await LabHarness.Eventually("the API answers a pod", async () =>
        {
            var asked = await lab.Run("lab", "exec", "a", "--", "sh", "-ec", script);
            answer = asked.Output;
            return asked.Succeeded;
        });
        Assert.Contains("\"name\":\"a\"", answer, StringComparison.Ordinal);
        Assert.EndsWith("401", answer, StringComparison.Ordinal);
    }

    /// <summary>For what should not arrive: a shorter patience.</summary>
    public Task<ProcessResult> TryPing() => lab.Run("lab", "exec", "a", "--", "ping", "-c", "1", "-W", "1", Target);

    /// <summary>A line of shell on a node.</summary>
    public Task<string> OnNode(string node, string script) => lab.Good("lab", "node-exec", node, "--", "sh", "-ec", script);

    /// <summary>A trace from pod a to pod b: its exit code and its JSON.</summary>
    public async Task<(int ExitCode, JsonNode Report)> Trace()
    {
        var result = await lab.Run("trace", "a", "b", "-o", "json");
        Assert.True(result.Output.Length > 0, result.Error);
        return (result.ExitCode, JsonNode.Parse(result.Output)!);
    }

    public Task ReachableAgain(string after) => LabHarness.Eventually(
        $"after {after} is healed the trace arrives", async () => (await Trace()).ExitCode == 0);

    /// <summary>The node's line of <c>lab status</c>.</summary>
    public async Task<JsonNode> Node(string node)
    {
        var status = JsonNode.Parse((await lab.Run("lab", "status", "-o", "json")).Output)!;
        return status["nodes"]!.AsArray().Single(n => (string)n!["name"]! == node)!;
    }

    /// <summary>Sends a signal to the node's agent, by its name as kill(1) has it.</summary>
    public async Task SignalAgent(string node, string signal)
    {
        var agent = (int)(await Node(node))["agentPid"]!;
        await OnNode(node, $"kill -{signal} {agent}");
    }
}
