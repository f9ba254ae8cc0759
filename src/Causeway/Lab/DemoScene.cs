using Causeway.Apply;
using Causeway.Cli;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Manifests;
using Causeway.Lab.Capsule;
using Causeway.Lab.Objects;
using Causeway.Linux.Processes;

namespace Causeway.Lab;

/// <summary>What the demo shows once its lab is up: real manifests in, real packets between pods, their way traced.</summary>
internal sealed class DemoScene(LabDirectory lab, KubeClient client, TimeProvider time, TextWriter output)
{
    private const string Namespace = "demo";
    private const string Client = "client";
    private const int Replicas = 2;

    private const string Manifests = """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: demo
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          namespace: demo
        spec:
          replicas: 2
          selector:
            matchLabels: {app: web}
          template:
            metadata:
              labels: {app: web}
            spec:
              containers:
              - name: nginx
                image: nginx
                ports:
                - containerPort: 80
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          namespace: demo
        spec:
          selector: {app: web}
          ports:
          - port: 80
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: client
          namespace: demo
        spec:
          containers:
          - name: shell
            image: busybox
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private static readonly KubeType<PodObject> PodType = KubeTypes.Of(ApiResources.Pods, ObjectJson.Default.PodObject);

    private bool _allGood = true;

    /// <summary>True when every pod answered.</summary>
    public async Task<bool> PlayAsync(TimeSpan patience, CancellationToken cancel)
    {
        Say("# A namespace, a Deployment of two nginx pods, a client pod");
        await new ManifestApply(client, Namespace, time).RunAsync(
            ManifestReader.Read(Manifests, "demo.yaml"),
            applied => output.WriteLine($"{applied.Object} {applied.Action}"), cancel);
        var pods = await WaitAsync(patience, cancel);
        ShowPods(pods);
        var from = pods.FirstOrDefault(p => p.Metadata.Name == Client);
        var servers = pods.Where(IsServer).Where(p => p.IsReady).ToList();
        if (from is not { IsReady: true } || servers.Count < Replicas)
        {
            output.WriteLine("not every pod came up; 'causeway lab status' and 'kubectl describe' say more");
            return false;
        }
        var remote = servers.Find(p => p.Spec?.NodeName != from.Spec?.NodeName) ?? servers[0];
        foreach (var server in servers) await VisitAsync(server, cancel);
        if (lab.ReadConfig()!.Dns) await VisitByNameAsync(patience, cancel);
        Say($"# The way from {Client} to {remote.Metadata.Name}, hop by hop, there and back");
        await RunAsync(["trace", "--lab", lab.Name, "-n", Namespace, Client, remote.Metadata.Name], cancel);
        ShowNext(remote.Metadata.Name);
        return _allGood;
    }

    private static bool IsServer(PodObject pod) => pod.Metadata.Labels?.GetValueOrDefault("app") == "web";

    private async Task<IReadOnlyList<PodObject>> WaitAsync(TimeSpan patience, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var pods = (await client.List(PodType, ns: Namespace, cancel: cancel)).Items.Where(p => p.IsActive).ToList();
            var ready = pods.Count(p => p.IsReady);
            if ((ready == pods.Count && ready > Replicas) || time.GetElapsedTime(began) > patience) return pods;
            await Task.Delay(Pause, time, cancel);
        }
    }

    private void ShowPods(IReadOnlyList<PodObject> pods)
    {
        Say("# kubectl get pods -n demo -o wide");
        var table = new TextTable("NAME", "READY", "STATUS", "IP", "NODE");
        foreach (var pod in pods)
            table.Add(pod.Metadata.Name, pod.IsReady ? "yes" : "no", pod.Phase, pod.Status?.PodIP, pod.Spec?.NodeName);
        table.Write(output);
    }

    private async Task VisitAsync(PodObject server, CancellationToken cancel)
    {
        var address = server.Status?.PodIP ?? "";
        var url = address.Contains(':') ? $"http://[{address}]/" : $"http://{address}/";
        Say($"# {Client} to {server.Metadata.Name} on {server.Spec?.NodeName}");
        await RunAsync([.. Exec(), "ping", "-c", "3", "-i", "0.2", "-W", "2", address], cancel);
        await RunAsync([.. Exec(), "curl", "-sS", "--globoff", "--max-time", "5", url], cancel);
    }

    private async Task VisitByNameAsync(TimeSpan patience, CancellationToken cancel)
    {
        Say($"# {Client} to Service web, by its name: cluster DNS, then one of the two");
        var began = time.GetTimestamp();
        string[] visit = [.. Exec(), "curl", "-sS", "--max-time", "5", "http://web/"];
        // Cluster DNS of a lab that has just come up may still begin; its way is in each kernel a moment after that.
        while (!await WorksAsync(visit, cancel) && time.GetElapsedTime(began) < patience)
            await Task.Delay(Pause, time, cancel);
        await RunAsync(visit, cancel);
    }

    private string[] Exec() => ["lab", "exec", "--lab", lab.Name, "-n", Namespace, Client, "--"];

    private static async Task<bool> WorksAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var self = HostTool.Self();
        var result = await ProcessSpawner.Run([self.Path, .. self.Arguments, .. arguments], cancellation: cancel);
        return result.ExitCode == ExitCode.Good;
    }

    // What is shown is what a user would type, and it is this program that answers.
    private async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        output.WriteLine($"$ causeway {string.Join(' ', arguments)}");
        await output.FlushAsync(cancel);
        var self = HostTool.Self();
        var process = ProcessSpawner.Spawn(new ProcessStart([self.Path, .. self.Arguments, .. arguments]));
        var code = await process.Exited.WaitAsync(cancel);
        if (code == ExitCode.Good) return;
        _allGood = false;
        output.WriteLine($"(ended with {code})");
    }

    private void ShowNext(string server)
    {
        Say("# The lab stays up. Try:");
        output.WriteLine($"  causeway lab node-exec --lab {lab.Name} n1 -- ip route");
        output.WriteLine($"  causeway lab exec --lab {lab.Name} -n {Namespace} {Client} -- curl -s 192.0.2.10");
        output.WriteLine($"  causeway trace --lab {lab.Name} -n {Namespace} {Client} {server}:80");
        output.WriteLine($"  causeway lab exec --lab {lab.Name} -n {Namespace} {Client} -- dig +search web");
        output.WriteLine($"  causeway lab down --lab {lab.Name}");
        if (!_allGood) output.WriteLine("something above did not answer: this demo ends 1");
    }

    private void Say(string text)
    {
        output.WriteLine();
        output.WriteLine(text);
    }
}
