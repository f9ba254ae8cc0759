using Causeway.Linux.Processes;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Dns;

/// <summary>A node's own cache, on a node.</summary>
[Collection("lab")]
public sealed class NodeLocalTests
{
    private const string Client = """
        apiVersion: v1
        kind: Pod
        metadata: {name: client}
        spec: {nodeName: n1, containers: [{name: c, image: busybox}]}
        """;

    [Fact]
    public async Task A_node_s_cache_answers_its_pods_without_connection_tracking_and_leaves_nothing_behind()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "2");
        var applied = await lab.RunWith(Client, "apply", "-f", "-");
        Assert.True(applied.Succeeded, applied.Error);
        await lab.Kubectl("default", "wait", "--for=condition=Ready", "pod/client", "--timeout=60s");
        await lab.Kubectl("default", "-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=60s");
        Task<string> OnNode(string script) => lab.Good("lab", "node-exec", "n1", "--", "sh", "-c", script);
        Task<ProcessResult> Dig(params string[] question) =>
            lab.Run(["lab", "exec", "client", "--", "dig", "@169.254.20.10", "+short", "+tries=1", "+timeout=20", .. question]);

        var pid = (await OnNode(
            $"{lab.Executable} dns --node-local --cluster-dns 10.96.0.10 >/dev/null 2>&1 & echo $!")).Trim();
        // What is asked before its rules are there is tracked.
        await LabHarness.Eventually("its address and its rules are there", async () =>
            await OnNode("ip addr show lo; nft list tables") is var seen
            && seen.Contains("169.254.20.10/32", StringComparison.Ordinal) && seen.Contains("causeway-dns", StringComparison.Ordinal));
        await LabHarness.Eventually("the cache answers", async () =>
            (await Dig("kubernetes.default.svc.cluster.local")).Output.TrimEnd() == "10.96.0.1");
        Assert.Equal("192.0.2.10", (await Dig("google.example")).Output.TrimEnd());
        Assert.Equal("10.96.0.1", (await Dig("+tcp", "kubernetes.default.svc.cluster.local")).Output.TrimEnd());
        Assert.DoesNotContain("169.254.20.10", await OnNode("conntrack -L 2>/dev/null"), StringComparison.Ordinal);
        Assert.Contains("169.254.20.10/32", await OnNode("ip addr show lo"), StringComparison.Ordinal);

        await OnNode($"kill {pid}");
        await LabHarness.Eventually("its address and its rules are gone", async () =>
            !(await OnNode("ip addr show lo; nft list tables")).Contains("169.254.20.10", StringComparison.Ordinal)
            && !(await OnNode("nft list tables")).Contains("causeway-dns", StringComparison.Ordinal));
    }
}
