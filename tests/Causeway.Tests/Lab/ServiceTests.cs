using System.Text.Json.Nodes;

namespace Causeway.Tests.Lab;

/// <summary>Services of a lab, used by real clients.</summary>
[Collection("lab")]
public sealed class ServiceTests
{
    private const string Manifests = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: open-nginx}
        spec:
          replicas: 2
          selector: {matchLabels: {app: open-nginx}}
          template:
            metadata: {labels: {app: open-nginx}}
            spec:
              containers:
              - name: nginx
                image: nginx
                ports: [{containerPort: 80}]
                readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1, timeoutSeconds: 20, failureThreshold: 30}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: open-nginx}
        spec:
          type: NodePort
          selector: {app: open-nginx}
          ports: [{port: 80, nodePort: 30080}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client}
        spec: {nodeName: n1, containers: [{name: shell, image: busybox}]}
        """;

    [Theory]
    [InlineData("nftables")]
    [InlineData("iptables")]
    public async Task A_service_is_reached_spread_refused_and_repaired(string proxy)
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--no-dns", "--nodes", "2", "--proxy", proxy);
        var scene = new LabScene(lab);
        var address = await Serve(lab);

        HashSet<string> seen = [];
        await LabHarness.Eventually("both replicas answer", async () =>
        {
            if (await Curl(lab, address) is { Succeeded: true } answer) seen.Add(answer.Output);
            return seen.Count == 2;
        });
        // Both replicas, evenly: 5 in 100 off is a fair coin in 2,000 throws once in a hundred thousand times.
        var answers = (await lab.Good("lab", "exec", "client", "--", "curl", "-sS", "-m", "30", "-H", "Connection: close",
            $"http://{address}/[1-2000]")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2000, answers.Length);
        var shares = answers.GroupBy(a => a).Select(g => g.Count()).ToArray();
        Assert.Equal(2, shares.Length);
        Assert.All(shares, s => Assert.InRange(s, 900, 1100));
        foreach (var node in (string[])["172.30.0.11", "172.30.0.12"])
            await LabHarness.Eventually($"one of them answers at the node port of {node}", async () =>
            {
                var answer = await lab.Run("lab", "node-exec", "outside", "--", "curl", "-sS", "-m", "5", $"{node}:30080");
                return seen.Contains(answer.Output);
            });

        Assert.Equal(0, (await lab.Run("trace", "client", "open-nginx:80")).ExitCode);
        var counted = JsonNode.Parse(await lab.Good("counters", "--node", "n1", "-o", "json"))!.AsArray();
        Assert.Contains(counted, c => (string)c!["service"]! == "default/open-nginx" && (long)c["packets"]! >= 2000);

        await OnTheWire(lab, scene, address);
        await scene.OnNode("n1", proxy == "nftables"
            ? "nft flush table ip causeway-services; nft flush map ip causeway-services service-ips"
            : "iptables-nft -t nat -F KUBE-SERVICES 2>/dev/null || iptables-legacy -t nat -F KUBE-SERVICES");
        await LabHarness.Eventually("the flushed rules are repaired", async () => (await Curl(lab, address)).Succeeded);

        await lab.Kubectl("default", "scale", "deployment/open-nginx", "--replicas=0");
        // curl ends with 7 for a refusal and with 28 for silence.
        await LabHarness.Eventually("without endpoints it is refused", async () => (await Curl(lab, address)).ExitCode == 7);
        await LabHarness.Eventually("the trace says so", async () => (await lab.Run("trace", "client", "open-nginx:80")).ExitCode == 1);
    }

    [Fact]
    public async Task No_request_is_lost_once_a_killed_replica_is_no_endpoint_any_more()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--no-dns", "--nodes", "2");
        var address = await Serve(lab);
        var pod = (await lab.Kubectl("default", "get", "pods", "-l", "app=open-nginx", "-o", "jsonpath={.items[0].metadata.name}")).Trim();
        var ended = (await lab.Kubectl("default", "get", "pod", pod, "-o", "jsonpath={.status.podIP}")).Trim();
        await lab.Kubectl("default", "delete", "pod", pod, "--wait=false");
        await LabHarness.Eventually("it is no endpoint any more", async () => !(await lab.Kubectl(
            "default", "get", "endpointslices", "-o", "jsonpath={.items[*].endpoints[*].targetRef.name}")).Contains(pod, StringComparison.Ordinal));
        // The client's node is told at the same time as this test.
        await LabHarness.Eventually("its node knows that", async () => !(await lab.Good(
            "lab", "node-exec", "n1", "--", "nft", "list", "table", "ip", "causeway-services")).Contains($": {ended} . ", StringComparison.Ordinal));
        var done = await lab.Run("lab", "exec", "client", "--", "sh", "-ec", $"for i in $(seq 200); do curl -sSf -m 30 {address} >/dev/null; done");
        Assert.True(done.Succeeded, done.Error);
    }

    private static async Task<string> Serve(LabHarness lab)
    {
        var applied = await lab.RunWith(Manifests, "apply", "-f", "-");
        Assert.True(applied.Succeeded, applied.Error);
        await lab.Kubectl("default", "rollout", "status", "deployment/open-nginx", "--timeout=80s");
        await lab.Kubectl("default", "wait", "--for=condition=Ready", "pod/client", "--timeout=60s");
        var address = (await lab.Kubectl("default", "get", "service", "open-nginx", "-o", "jsonpath={.spec.clusterIP}")).Trim();
        await LabHarness.Eventually("the service serves", async () => (await Curl(lab, address)).Succeeded);
        return address;
    }

    // Between nodes runs the client's address and the endpoint's; the cluster IP never leaves the node.
    private static async Task OnTheWire(LabHarness lab, LabScene scene, string address)
    {
        var client = (await lab.Kubectl("default", "get", "pod", "client", "-o", "jsonpath={.status.podIP}")).Trim();
        var far = (await lab.Kubectl("default", "get", "pods", "-l", "app=open-nginx", "--field-selector", "spec.nodeName=n2",
            "-o", "jsonpath={.items[0].status.podIP}")).Trim();
        var dump = scene.OnNode("n2", "timeout 60 tcpdump -nn -c 20 -i eth0 udp port 4789 2>/dev/null");
        while (!dump.IsCompleted) await Curl(lab, address);
        var seen = await dump;
        Assert.Contains($"{client}.", seen, StringComparison.Ordinal);
        Assert.Contains($"> {far}.80", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(address, seen, StringComparison.Ordinal);
    }

    private static Task<Causeway.Linux.Processes.ProcessResult> Curl(LabHarness lab, string address) =>
        lab.Run("lab", "exec", "client", "--", "curl", "-sS", "-m", "5", address);
}
