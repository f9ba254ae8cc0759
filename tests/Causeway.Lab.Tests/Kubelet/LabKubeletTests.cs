using Causeway.Lab.Kubelet.Pods;

namespace Causeway.Lab.Tests.Kubelet;

/// <summary>Manifests in, processes in real namespaces out.</summary>
public sealed class LabKubeletTests
{
    private const string Skip = "needs root and Debian's containernetworking-plugins";

    private static string Pod(string name, string container, string more = "") => $"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {name}
        spec:
          terminationGracePeriodSeconds: 1
          {more}
          containers:
          - name: main
            {container.Replace("\n", "\n    ")}
        """;

    [Fact]
    public async Task A_deployment_becomes_processes_with_addresses_and_leaves_nothing_behind()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync();
        await cluster.ApplyAsync("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 4
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: c, image: busybox}]
            """);
        await cluster.Server.KubectlAsync("rollout status deployment/web --timeout=60s");
        var wide = await cluster.Server.KubectlAsync("get pods -o wide --no-headers");
        Assert.Equal(2, wide.Split('\n').Count(l => l.Contains(" 10.9.1.") && l.Contains(" node1 ")));
        Assert.Equal(2, wide.Split('\n').Count(l => l.Contains(" 10.9.2.") && l.Contains(" node2 ")));
        await cluster.Server.KubectlAsync("set image deployment/web c=alpine");
        await cluster.Server.KubectlAsync("rollout status deployment/web --timeout=60s");
        await cluster.Server.KubectlAsync("scale deployment/web --replicas=1");
        await cluster.UntilAsync("get pods --no-headers", t => t.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 1);
        await cluster.Server.KubectlAsync("delete deployment web");
        await cluster.UntilAsync("get all -l app=web --no-headers", text => text.Length == 0);
        Assert.Empty(cluster.SandboxNames());
        Assert.Empty(Directory.GetFiles(Path.Combine(cluster.StateDirectory, "cni", "node1")));
        Assert.Empty(Directory.GetFiles(Path.Combine(cluster.RunDirectory, "pods")));
    }

    [Fact]
    public async Task Logs_exec_hosts_and_environment_are_the_pods_own()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync(Pod("p", """
            image: busybox
            command: [sh, -c, "echo one; echo two >&2; echo $(ME) at $NODE; exec sleep infinity"]
            env:
            - {name: ME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
            - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
            """));
        await cluster.ReadyAsync("p");
        await cluster.UntilAsync("logs p", text => text == "one\ntwo\np at node1\n");
        Assert.Equal("p at node1\n", await cluster.Server.KubectlAsync("logs p --tail=1"));
        Assert.Matches("^20.*Z one\n", await cluster.Server.KubectlAsync("logs p --timestamps"));
        var address = await cluster.Server.KubectlAsync("get pod p -o jsonpath={.status.podIP}");
        Assert.Contains($"{address}\tp\n", await cluster.Server.KubectlAsync("exec p -- cat /etc/hosts"));
        Assert.Equal("p\n", await cluster.Server.KubectlAsync("exec p -- hostname"));
        Assert.Contains(address, await cluster.Server.KubectlAsync("exec p -- ip address show eth0"));
        Assert.Equal("typed", await cluster.Server.KubectlAsync("exec -i p -- cat", "typed"));
        Assert.Equal(3, (await cluster.Server.TryKubectlAsync("exec p -- sh -c exit\t3")).ExitCode);
        var record = PodRecord.Read(cluster.RunDirectory, "default", "p")!;
        Assert.True(Directory.Exists($"/proc/{record.Find(null)!.Pid}"));
    }

    [Fact]
    public async Task Ends_are_told_as_they_were()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync(Pod("done", "image: busybox\ncommand: ['true']", "restartPolicy: Never"));
        await cluster.ApplyAsync(Pod("crash", "image: busybox\ncommand: [sh, -c, exit 7]"));
        await cluster.ApplyAsync(Pod("unknown", "image: acme/none"));
        await cluster.ApplyAsync(Pod("missing", "image: busybox\ncommand: [/no/such/program]"));
        const string path = "-o jsonpath={.status.phase},{.status.containerStatuses[0].state.*.reason},"
            + "{.status.containerStatuses[0].lastState.terminated.exitCode}";
        await cluster.UntilAsync($"get pod done {path}", t => t == "Succeeded,Completed,");
        await cluster.UntilAsync($"get pod crash {path}", t => t == "Running,CrashLoopBackOff,7");
        await cluster.UntilAsync($"get pod unknown {path}", t => t == "Pending,ImagePullBackOff,");
        await cluster.UntilAsync($"get pod missing {path}", t => t == "Running,CrashLoopBackOff,128");
        await cluster.UntilAsync("get events", t => t.Contains("'acme/none' is not in the lab's table"));
        // A pod that has ended gives its address back before it is deleted.
        await cluster.UntilAsync("get pod done -o jsonpath={.status.podIP}", t => t.Length > 0);
        Assert.DoesNotContain(cluster.Problems, p => p.Contains("Exception"));
    }

    [Fact]
    public async Task Deadlines_and_grace_periods_of_years_hold_nothing_up()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              progressDeadlineSeconds: 2147483647
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 31536000
                  containers: [{name: c, image: busybox}]
            """);
        await cluster.Server.KubectlAsync("rollout status deployment/web --timeout=60s");
        await cluster.Server.KubectlAsync("scale deployment/web --replicas=3");
        await cluster.Server.KubectlAsync("rollout status deployment/web --timeout=60s");
        await cluster.Server.KubectlAsync("delete deployment web");
        await cluster.UntilAsync("get pods --no-headers", t => t.Length == 0);
    }

    [Fact]
    public async Task A_sidecar_that_ignores_its_end_is_killed_after_the_pods_grace_period()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 1
              initContainers:
              - name: deaf
                image: busybox
                restartPolicy: Always
                command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]
              containers: [{name: c, image: busybox, command: ["true"]}]
            """);
        await cluster.UntilAsync("get pod p -o jsonpath={.status.phase}", t => t == "Succeeded");
        await cluster.Server.KubectlAsync("delete pod p --timeout=60s");
    }

    [Fact]
    public async Task Kinds_whose_dependents_nobody_collects_are_deleted_in_the_foreground_too()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.Server.KubectlAsync("create configmap c --from-literal=a=b");
        await cluster.Server.KubectlAsync("delete configmap c --cascade=foreground --timeout=60s");
        await cluster.Server.KubectlAsync("create deployment web --image=busybox");
        await cluster.Server.KubectlAsync("rollout status deployment/web --timeout=60s");
        await cluster.Server.KubectlAsync("delete deployment web --cascade=foreground --timeout=60s");
        await cluster.UntilAsync("get pods --no-headers", t => t.Length == 0);
    }

    [Fact]
    public async Task Pods_come_back_after_a_restart_and_what_was_before_is_undone()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync(Pod("p", "image: busybox"));
        await cluster.ReadyAsync("p");
        await cluster.StopAsync();
        cluster.Run();
        await cluster.UntilAsync(
            "get pod p -o jsonpath={.status.containerStatuses[0].restartCount},{.status.phase}", t => t == "1,Running");
        Assert.Single(Directory.GetFiles(Path.Combine(cluster.StateDirectory, "cni", "node1")));
        Assert.Single(cluster.SandboxNames());
    }

    [Fact]
    public async Task A_pod_comes_back_though_its_old_namespaces_name_leads_to_another_file_now()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync(Pod("p", "image: busybox"));
        await cluster.ReadyAsync("p");
        await cluster.StopAsync();
        var name = Assert.Single(cluster.SandboxNames());
        File.Delete(name);
        File.CreateSymbolicLink(name, "/dev/null");
        cluster.Run();
        await cluster.UntilAsync("get pod p -o jsonpath={.status.containerStatuses[0].restartCount}", t => t == "1");
        await cluster.ReadyAsync("p");
    }

    [Fact]
    public async Task A_host_network_pod_has_the_nodes_address_and_no_cni()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync(Pod("p", "image: busybox", "hostNetwork: true"));
        await cluster.ReadyAsync("p");
        Assert.Equal("192.168.7.1", await cluster.Server.KubectlAsync("get pod p -o jsonpath={.status.podIP}"));
        Assert.Empty(cluster.SandboxNames());
        await cluster.Server.KubectlAsync("delete pod p --timeout=30s");
    }

    [Fact]
    public async Task A_deleted_namespace_takes_everything_along()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync("apiVersion: v1\nkind: Namespace\nmetadata: {name: gone}");
        await cluster.ApplyAsync("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: gone}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: c, image: busybox}]
            """);
        await cluster.Server.KubectlAsync("rollout status deployment/web -n gone --timeout=60s");
        await cluster.Server.KubectlAsync("delete namespace gone --timeout=60s");
        Assert.Empty(cluster.SandboxNames());
    }

    [Fact]
    public async Task A_plugin_that_fails_is_told_and_tried_again_and_undone()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        var calls = Path.GetTempFileName();
        try
        {
            await using var cluster = await LiveCluster.StartAsync(1, $$"""
                #!/bin/sh
                cat > /dev/null
                echo "$CNI_COMMAND $CNI_CONTAINERID" >> {{calls}}
                if [ $CNI_COMMAND = ADD ] && [ ! -e {{calls}}.good ]; then
                  echo '{"cniVersion":"1.1.0","code":100,"msg":"no address left","details":"pool p is full"}'
                  exit 1
                fi
                [ $CNI_COMMAND = ADD ] && echo '{"cniVersion":"1.1.0","ips":[{"address":"10.9.1.5/32"}]}'
                exit 0
                """);
            await cluster.ApplyAsync(Pod("p", "image: busybox"));
            await cluster.UntilAsync("get events", t => t.Contains("FailedCreatePodSandBox") && t.Contains("pool p is full"));
            await File.WriteAllTextAsync(calls + ".good", "");
            await cluster.ReadyAsync("p");
            await cluster.Server.KubectlAsync("delete pod p --timeout=30s");
            var lines = await File.ReadAllLinesAsync(calls);
            var added = lines.Where(l => l.StartsWith("ADD")).Select(l => l[4..]).ToHashSet();
            Assert.True(added.Count >= 2);
            Assert.Superset(added, lines.Where(l => l.StartsWith("DEL")).Select(l => l[4..]).ToHashSet());
            Assert.Empty(cluster.SandboxNames());
        }
        finally
        {
            File.Delete(calls);
            File.Delete(calls + ".good");
        }
    }

    [Fact]
    public async Task A_pod_deleted_while_its_add_runs_leaves_nothing()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        var calls = Path.GetTempFileName();
        try
        {
            await using var cluster = await LiveCluster.StartAsync(1, $$"""
                #!/bin/sh
                cat > /dev/null
                # Asked every few seconds.
                [ $CNI_COMMAND = STATUS ] || echo "$CNI_COMMAND" >> {{calls}}
                if [ $CNI_COMMAND = ADD ]; then
                  while [ ! -e {{calls}}.go ]; do sleep 0.02; done
                  echo '{"cniVersion":"1.1.0","ips":[{"address":"10.9.1.5/32"}]}'
                fi
                exit 0
                """);
            await cluster.ApplyAsync(Pod("p", "image: busybox"));
            while (!(await File.ReadAllTextAsync(calls)).Contains("ADD")) await Task.Delay(10);
            await cluster.Server.KubectlAsync("delete pod p --wait=false");
            await File.WriteAllTextAsync(calls + ".go", "");
            await cluster.UntilAsync("get pods --no-headers", t => t.Length == 0);
            Assert.EndsWith("ADD\nDEL\n", await File.ReadAllTextAsync(calls));
            Assert.Empty(cluster.SandboxNames());
        }
        finally
        {
            File.Delete(calls);
            File.Delete(calls + ".go");
        }
    }
}
