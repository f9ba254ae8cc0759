using System.Text.Json.Nodes;

namespace Causeway.Tests.Lab;

/// <summary>Names, looked up by a pod of a lab whose DNS service has a pod behind it that does not answer.</summary>
[Collection("lab")]
public sealed class LookupTests
{
    private const string Manifests = """
        apiVersion: v1
        kind: Service
        metadata: {name: test-dns, namespace: kube-system}
        spec:
          clusterIP: 10.96.0.77
          selector: {app: test-dns}
          ports: [{name: dns, port: 53, protocol: UDP}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: test-dns, namespace: kube-system, labels: {app: test-dns}}
        spec: {containers: [{name: c, image: busybox}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: nginx, labels: {app: web}}
        spec: {containers: [{name: c, image: nginx}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client}
        spec:
          dnsPolicy: None
          dnsConfig:
            nameservers: [10.96.0.77]
            searches: [default.svc.cluster.local, svc.cluster.local, cluster.local]
            options: [{name: ndots, value: "5"}, {name: timeout, value: "1"}, {name: attempts, value: "1"}]
          containers: [{name: c, image: busybox}]
        """;

    [Fact]
    public async Task A_name_is_looked_up_by_the_pods_own_files_and_asked_for_from_its_own_network()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "1");
        var applied = await lab.RunWith(Manifests, "apply", "-f", "-");
        Assert.True(applied.Succeeded, applied.Error);
        await lab.Kubectl("default", "wait", "--for=condition=Ready", "pod/client", "pod/nginx", "--timeout=60s");
        await lab.Kubectl("default", "wait", "-n", "kube-system", "--for=condition=Ready", "pod/test-dns", "--timeout=60s");
        await LabHarness.Eventually("a service's name leads to it", async () => (await lab.Run("trace", "client", "web:80")).ExitCode == 0);

        var lookup = JsonNode.Parse(await lab.Good("trace", "client", "web:80", "-o", "json"))!["lookup"]!;
        Assert.Equal("/etc/resolv.conf of pod default/client", (string)lookup["source"]!);
        Assert.Equal("Service default/web", (string)lookup["candidates"]![0]!["questions"]![0]!["origin"]!);
        Assert.Equal("reachable", (string)lookup["ways"]![0]!["verdict"]!);

        // Nobody listens, so nothing is answered: what should have been is told.
        var query = await lab.Run("dns", "query", "--pod", "client", "web");
        Assert.Equal(1, query.ExitCode);
        Assert.Contains("web.default.svc.cluster.local. A: no answer (10.96.0.77: ", query.Output, StringComparison.Ordinal);
        Assert.Contains("the service's cluster IP <- Service default/web", query.Output, StringComparison.Ordinal);

        var wrong = await lab.Run("trace", "client", "wbe.default.svc.cluster.local.");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("did you mean web.default.svc.cluster.local.?", wrong.Output, StringComparison.Ordinal);

        await lab.Kubectl("default", "delete", "pod", "test-dns", "-n", "kube-system", "--grace-period=0", "--force");
        await LabHarness.Eventually("without a DNS server the name is not looked up", async () =>
            (await lab.Run("trace", "client", "web:80")).Output.Contains("the name is not looked up: 10.96.0.77 (line 2", StringComparison.Ordinal));
    }
}
