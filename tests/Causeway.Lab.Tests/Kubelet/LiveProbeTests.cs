namespace Causeway.Lab.Tests.Kubelet;

/// <summary>Probes of real processes in real namespaces.</summary>
public sealed class LiveProbeTests
{
    private const string Skip = "needs root and Debian's containernetworking-plugins";

    private const string Ready = "get endpointslices -l kubernetes.io/service-name=web -o jsonpath="
        + "{.items[*].endpoints[*].conditions.ready}";

    private static string Pod(string command, string probes)
    {
        var indented = string.Join('\n', probes.Split('\n').Select(l => "    " + l));
        return $$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: p, labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: c
                image: busybox
                command: [sh, -c, "{{{command}}}"]
                ports: [{name: http, containerPort: 8080}]
            {{{indented}}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
            """;
    }

    [Fact]
    public async Task A_pod_that_fails_its_readiness_probe_leaves_the_service_and_comes_back()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        var file = Path.Combine(cluster.RunDirectory, "ready");
        await cluster.ApplyAsync(Pod("exec sleep infinity", $$"""
            readinessProbe: {exec: {command: [cat, {{file}}] }, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30}
            """));
        await cluster.UntilAsync(Ready, t => t == "false");
        await File.WriteAllTextAsync(file, "yes");
        await cluster.UntilAsync(Ready, t => t == "true");
        File.Delete(file);
        await cluster.UntilAsync(Ready, t => t == "false");
        Assert.Equal("0", await cluster.Server.KubectlAsync(
            "get pod p -o jsonpath={.status.containerStatuses[0].restartCount}"));
        await cluster.UntilAsync("get events", t => t.Contains("Unhealthy") && t.Contains("Readiness probe failed: cat: "));
    }

    [Fact]
    public async Task A_container_that_fails_its_liveness_probe_is_restarted_and_counted()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        var file = Path.Combine(cluster.RunDirectory, "sick");
        await cluster.ApplyAsync(Pod("exec sleep infinity", $$"""
            startupProbe: {exec: {command: ['true']}, periodSeconds: 1, timeoutSeconds: 30}
            livenessProbe: {exec: {command: [test, '!', -e, {{file}}]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30}
            """));
        await cluster.ReadyAsync("p");
        await File.WriteAllTextAsync(file, "");
        await cluster.UntilAsync("get pod p -o jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}",
            t => t == "143");
        File.Delete(file);
        await cluster.UntilAsync("get pod p -o jsonpath={.status.containerStatuses[0].restartCount}",
            t => int.TryParse(t, out var count) && count >= 1);
        await cluster.ReadyAsync("p");
        await cluster.UntilAsync("get events",
            t => t.Contains("Killing") && t.Contains("Container c failed liveness probe, will be restarted"));
    }

    [Theory]
    [InlineData("{httpGet: {path: /healthz, port: http, httpHeaders: [{name: Host, value: me}]}, periodSeconds: 1}", "404", "false")]
    [InlineData("{httpGet: {path: /, port: http}, periodSeconds: 1, timeoutSeconds: 30}", "200", "true")]
    [InlineData("{httpGet: {path: /, port: other}, periodSeconds: 1}", "has no port 'other'", "false")]
    [InlineData("{tcpSocket: {port: 8080}, periodSeconds: 1, timeoutSeconds: 30}", "", "true")]
    [InlineData("{tcpSocket: {port: 8081}, periodSeconds: 1}", "refused", "false")]
    [InlineData("{grpc: {port: 8080}, periodSeconds: 1}", "", "false")]
    public async Task Network_probes_reach_the_pod_from_its_node(string probe, string told, string ready)
    {
        Assert.SkipUnless(LiveCluster.CanRun && File.Exists("/usr/bin/python3"), Skip + ", and python3");
        await using var cluster = await LiveCluster.StartAsync(1);
        var folder = Directory.CreateDirectory(Path.Combine(cluster.RunDirectory, "www"));
        await cluster.ApplyAsync(Pod($"cd {folder.FullName} && exec python3 -m http.server 8080", $"readinessProbe: {probe}"));
        if (ready == "true") await cluster.UntilAsync(Ready, t => t == "true");
        else
        {
            await cluster.UntilAsync("get events", t => t.Contains("Readiness probe failed: ") && t.Contains(told));
            await cluster.UntilAsync(Ready, t => t == "false");
        }
    }

    [Fact]
    public async Task A_pod_that_ends_serves_on_until_its_hook_is_done()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        var file = Path.Combine(cluster.RunDirectory, "go");
        var pod = Pod("exec sleep infinity", $$"""
            lifecycle: {preStop: {exec: {command: [sh, -c, "until test -e {{file}}; do sleep 0.1; done"]} } }
            """).Replace("Seconds: 1", "Seconds: 60");
        await cluster.ApplyAsync(pod);
        await cluster.ReadyAsync("p");
        await cluster.UntilAsync(Ready, t => t == "true");
        await cluster.Server.KubectlAsync("delete pod p --wait=false");
        await cluster.UntilAsync(
            "get endpointslices -o jsonpath={.items[*].endpoints[*].conditions}",
            t => t.Contains("\"ready\":false") && t.Contains("\"serving\":true") && t.Contains("\"terminating\":true"));
        await File.WriteAllTextAsync(file, "");
        await cluster.UntilAsync("get pods --no-headers", t => t.Length == 0);
        await cluster.UntilAsync(Ready, t => t.Length == 0);
    }
}
