using System.Text.Json.Nodes;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Dns;

/// <summary>Names as pods meet them: by their resolv.conf, the Service kube-dns and the pods behind it.</summary>
[Collection("lab")]
public sealed class ClusterDnsTests
{
    private const string Shop = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: ns1-open}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: other}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: open-nginx, namespace: ns1-open}
        spec:
          replicas: 2
          selector: {matchLabels: {app: open-nginx}}
          template:
            metadata: {labels: {app: open-nginx}}
            spec: {containers: [{name: nginx, image: nginx}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: open-nginx, namespace: ns1-open}
        spec: {clusterIP: 10.96.7.7, selector: {app: open-nginx}, ports: [{name: http, port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db, namespace: ns1-open}
        spec: {clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 5432}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: search, namespace: ns1-open}
        spec: {type: ExternalName, externalName: google.example}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: db-0, namespace: ns1-open, labels: {app: db}}
        spec: {hostname: db-0, subdomain: db, containers: [{name: c, image: busybox}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client, namespace: ns1-open}
        spec: {containers: [{name: c, image: busybox}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client, namespace: other}
        spec: {containers: [{name: c, image: busybox}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: node-s, namespace: other}
        spec: {dnsPolicy: Default, containers: [{name: c, image: busybox}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: own, namespace: other}
        spec:
          dnsPolicy: None
          dnsConfig: {nameservers: [10.96.0.10], searches: [ns1-open.svc.cluster.local], options: [{name: ndots, value: "2"}]}
          containers: [{name: c, image: busybox}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: cut, namespace: other}
        spec: {dnsConfig: {nameservers: [192.0.2.20, 192.0.2.21, 192.0.2.22]}, containers: [{name: c, image: busybox}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: on-node, namespace: other}
        spec: {hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet, containers: [{name: c, image: busybox}]}
        """;

    [Fact]
    public async Task The_first_pods_of_a_lab_get_their_network_at_the_first_try()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "2");
        await Ready(lab);
        Assert.DoesNotContain("FailedCreatePodSandBox", await lab.Kubectl("default", "get", "events", "-A"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_look_up_every_kind_of_record_through_the_service()
    {
        await using var lab = await Up(Shop);
        Task<string> Dig(params string[] question) => In(lab, "ns1-open", "client", ["dig", "+short", "+search", .. question]);
        var db = (await lab.Kubectl("default", "get", "pod", "db-0", "-n", "ns1-open", "-o", "jsonpath={.status.podIP}")).Trim();

        // Each server learns in its own time that the pod is an endpoint.
        foreach (var server in await Servers(lab))
            await LabHarness.Eventually($"{server} knows db", async () => await Dig("@" + server, "db") == db);
        Assert.Equal("10.96.7.7", await Dig("open-nginx"));
        Assert.Equal("10.96.7.7", await Dig("open-nginx.ns1-open.svc.cluster.local."));
        Assert.Equal("", await Dig("open-nginx", "AAAA"));
        Assert.Equal("0 100 80 open-nginx.ns1-open.svc.cluster.local.", await Dig("_http._tcp.open-nginx", "SRV"));
        Assert.Equal("open-nginx.ns1-open.svc.cluster.local.", await Dig("-x", "10.96.7.7"));
        Assert.Equal(db, await Dig("db"));
        Assert.Equal(db, await Dig("db-0.db"));
        Assert.Equal("0 100 5432 db-0.db.ns1-open.svc.cluster.local.", await Dig("_sql._tcp.db", "SRV"));
        Assert.Equal("db-0.db.ns1-open.svc.cluster.local.", await Dig("-x", db));
        Assert.Equal("google.example.\n192.0.2.10", await Dig("search"));
        Assert.Equal("\"1.1.0\"", await Dig("dns-version.cluster.local.", "TXT"));
        Assert.Equal(db, await Dig($"{db.Replace('.', '-')}.ns1-open.pod.cluster.local."));
        Assert.Equal("192.0.2.10", await Dig("google.example"));
        Assert.Equal("192.0.2.10", await Dig("www"));
        Assert.Equal("10.96.7.7", await Dig("+tcp", "open-nginx"));

        foreach (var (ns, url) in (IEnumerable<(string, string)>)
            [("ns1-open", "open-nginx"), ("other", "open-nginx.ns1-open"), ("other", "open-nginx.ns1-open.svc.cluster.local")])
            Assert.StartsWith("open-nginx-", await In(lab, ns, "client", "curl", "-sS", "-m", "30", url), StringComparison.Ordinal);
        await Policies(lab);
        await Lookups(lab);
        Assert.Contains(
            "the applied nameserver line is: 10.96.0.10 192.0.2.20 192.0.2.21",
            await lab.Kubectl("default", "get", "events", "-n", "other", "--field-selector", "reason=DNSConfigForming",
                "-o", "jsonpath={.items[*].message}"), StringComparison.Ordinal);
        await ACopyOfTheZone(lab);
    }

    [Fact]
    public async Task A_DNS_pod_that_goes_costs_no_lookup_and_one_that_is_killed_none_more_than_a_retry()
    {
        await using var lab = await Up("""
            apiVersion: v1
            kind: Pod
            metadata: {name: client}
            spec: {containers: [{name: c, image: busybox}]}
            """);
        var victims = (await lab.Kubectl("default", "-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o", "name"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var load = Load(lab, timeout: 20, retries: false);
        await lab.Kubectl("default", "-n", "kube-system", "delete", victims[0], "--wait=false");
        Assert.Empty(await load);

        await lab.Kubectl("default", "-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=60s");
        load = Load(lab, timeout: 5, retries: true);
        // The process itself, at once and without a word: the one in this pod's network that is not this shell.
        const string kill = """
            for p in /proc/[0-9]*; do
                [ "$(readlink $p/ns/net)" = "$(readlink /proc/self/ns/net)" ] || continue
                grep -q "[c]oredns/Corefile" $p/cmdline && kill -9 ${p#/proc/} && echo killed
            done
            exit 0
            """;
        Assert.Contains(
            "killed", await lab.Kubectl("default", "-n", "kube-system", "exec", victims[1], "--", "sh", "-c", kill), StringComparison.Ordinal);
        Assert.DoesNotContain("lost", await load);
    }

    /// <summary>Looks a name up over and over for some seconds, and some times at least. Where that failed there is a line
    /// with what dig said, and <c>lost</c> where a resolver's next try, five seconds later, failed too.</summary>
    /// <param name="timeout">In seconds.</param>
    private static async Task<string[]> Load(LabHarness lab, int timeout, bool retries)
    {
        var next = retries ? "sleep 5; ask || echo lost" : "true";
        var script = $$"""
            ask() {
                said=$(dig +short +tries=1 +timeout={{timeout}} kubernetes.default.svc.cluster.local)
                echo "$said" | grep -qx 10.96.0.1
            }
            end=$(($(date +%s) + 5)); asked=0
            while [ $(date +%s) -lt $end ] || [ $asked -lt 25 ]; do
                ask || { echo "again: $said"; {{next}}; }
                asked=$((asked + 1))
            done
            """;
        return (await In(lab, "default", "client", "sh", "-c", script)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The addresses of the DNS servers' pods.</summary>
    private static async Task<string[]> Servers(LabHarness lab) =>
        (await lab.Kubectl("default", "-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o", "jsonpath={.items[*].status.podIP}"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The trace of a name and the asking from a pod say what dig said.</summary>
    private static async Task Lookups(LabHarness lab)
    {
        var outside = JsonNode.Parse(await lab.Good("trace", "-n", "ns1-open", "client", "google.example", "-o", "json"))!;
        var lookup = outside["lookup"]!;
        Assert.Equal(
            ["google.example.ns1-open.svc.cluster.local.", "google.example.svc.cluster.local.", "google.example.cluster.local.",
                "google.example.lab.example.", "google.example."],
            lookup["candidates"]!.AsArray().Select(c => (string)c!["name"]!));
        Assert.Equal(["192.0.2.10"], lookup["addresses"]!.AsArray().Select(a => (string)a!));
        Assert.Contains("ndots:5", lookup["advice"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("reachable", (string)outside["verdict"]!);

        var wrong = await lab.Run("trace", "-n", "other", "client", "open-ngnix.ns1-open:80");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("did you mean open-nginx.ns1-open?", wrong.Output, StringComparison.Ordinal);
        foreach (var name in (string[])["open-nginx", "google.example", "search", "db-0.db"])
            Assert.Contains("equal", await lab.Good("dns", "query", "-n", "ns1-open", "--pod", "client", name), StringComparison.Ordinal);
    }

    /// <summary>A Corefile that somebody edited, taken by new pods.</summary>
    private static async Task ACopyOfTheZone(LabHarness lab)
    {
        const string Patch = """
            {"data":{"Corefile":".:53 {\n errors\n health\n ready\n kubernetes cluster.local in-addr.arpa ip6.arpa\n transfer {\n  to 10.244.0.0/16\n }\n}\n"}}
            """;
        await lab.Kubectl("default", "-n", "kube-system", "patch", "configmap", "coredns", "--type=merge", "-p", Patch);
        await lab.Kubectl("default", "-n", "kube-system", "delete", "pod", "-l", "k8s-app=kube-dns", "--grace-period=0", "--force");
        await LabHarness.Eventually("the zone is copied", async () =>
            (await lab.Run("lab", "exec", "-n", "ns1-open", "client", "--", "dig", "@10.96.0.10", "+tries=1", "AXFR", "cluster.local")).Output
                .Contains("_sql._tcp.db.ns1-open.svc.cluster.local.", StringComparison.Ordinal));
    }

    private static async Task Policies(LabHarness lab)
    {
        Task<string> ResolvConf(string ns, string pod) => In(lab, ns, pod, "cat", "/etc/resolv.conf");
        Assert.Equal(
            "search ns1-open.svc.cluster.local svc.cluster.local cluster.local lab.example\nnameserver 10.96.0.10\noptions ndots:5",
            await ResolvConf("ns1-open", "client"));
        Assert.Equal("search lab.example\nnameserver 192.0.2.10", await ResolvConf("other", "node-s"));
        Assert.Equal("search ns1-open.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:2", await ResolvConf("other", "own"));
        Assert.Contains("search other.svc.cluster.local", await ResolvConf("other", "on-node"), StringComparison.Ordinal);
        foreach (var pod in (string[])["own", "on-node"])
            Assert.StartsWith(
                "open-nginx-", await In(lab, "other", pod, "curl", "-sS", "-m", "30", pod == "own" ? "open-nginx" : "open-nginx.ns1-open"),
                StringComparison.Ordinal);
    }

    private static async Task<LabHarness> Up(string objects)
    {
        var lab = LabHarness.AsRoot();
        try
        {
            await lab.Good("lab", "up", "--nodes", "2");
            var applied = await lab.RunWith(objects, "apply", "-f", "-");
            Assert.True(applied.Succeeded, applied.Error);
            // First the deployments: their pods may not have been made yet.
            await Ready(lab);
            await lab.Kubectl("default", "wait", "--for=condition=Available", "deployment", "--all", "-A", "--timeout=60s");
            await lab.Kubectl("default", "wait", "--for=condition=Ready", "pod", "--all", "-A", "--timeout=60s");
            // A node's agent hears of new endpoints at the same time as this test.
            foreach (var server in await Servers(lab))
                foreach (var node in (string[])["n1", "n2"])
                    await LabHarness.Eventually($"the rules of {node} lead to {server}", async () => (await lab.Run(
                        "lab", "node-exec", node, "--", "nft", "list", "table", "ip", "causeway-services")).Output
                            .Contains($": {server} . ", StringComparison.Ordinal));
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    private static Task Ready(LabHarness lab) => lab.Kubectl(
        "default", "-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=60s");

    private static async Task<string> In(LabHarness lab, string ns, string pod, params string[] command) =>
        (await lab.Good(["lab", "exec", "-n", ns, pod, "--", .. command])).TrimEnd();
}
