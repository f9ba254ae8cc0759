using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Causeway.Linux.Processes;

namespace Causeway.Tests.Lab;

/// <summary>kubectl of several ages, with its validation on, against a lab.</summary>
[Collection("lab")]
public sealed class KubectlVersionTests
{
    private const string Package = "kubernetes-client";

    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: nginx, image: nginx, ports: [{containerPort: 80}]}]}
        """;

    [Fact]
    public Task The_kubectl_on_the_path() => ApplyShowDelete("kubectl");

    [Fact]
    public async Task The_kubectl_of_Debian() => await ApplyShowDelete(await DebianKubectl());

    private static async Task ApplyShowDelete(string kubectl)
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--no-dns", "--nodes", "2");
        var file = Path.Combine(lab.Directory, "web.yaml");
        await File.WriteAllTextAsync(file, Deployment);
        Task<string> Kubectl(params string[] arguments) => lab.KubectlOf(kubectl, "default", arguments);

        Assert.Contains("deployment.apps/web created", await Kubectl("apply", "-f", file), StringComparison.Ordinal);
        await Kubectl("rollout", "status", "deployment/web", "--timeout=80s");
        Assert.Contains("deployment.apps/web unchanged", await Kubectl("apply", "-f", file), StringComparison.Ordinal);
        var pods = (await Kubectl("get", "pods", "-o", "wide", "--no-headers")).TrimEnd().Split('\n');
        Assert.Equal(2, pods.Length);
        Assert.All(pods, pod => Assert.Matches(@"^web-\S+\s+1/1\s+Running\s+0\s+\S+\s+10\.244\.\d+\.\d+\s+n[12]\s", pod));
        Assert.Matches(@"n1\s+Ready\s", await Kubectl("get", "nodes", "-o", "wide"));
        Assert.Contains("nginx", await Kubectl("describe", "deployment", "web"), StringComparison.Ordinal);
        await Kubectl("delete", "-f", file);
        await LabHarness.Eventually("the pods are gone", async () => await Kubectl("get", "pods", "-o", "name") == "");
        // What is left are the two tunnels' addresses.
        await LabHarness.Eventually("their addresses are free", async () =>
            (int)JsonNode.Parse(await lab.Good("ipam", "show", "-o", "json"))!["pools"]![0]!["used"]! == 2);
        await lab.Good("ipam", "check");
    }

    /// <summary>Out of the package, which is downloaded once and never installed.</summary>
    private static async Task<string> DebianKubectl([CallerFilePath] string here = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
        var cache = Path.Combine(root, "artifacts", "cache", Package);
        var kubectl = Path.Combine(cache, "usr", "bin", "kubectl");
        if (File.Exists(kubectl)) return kubectl;
        var folder = Directory.CreateTempSubdirectory("causeway-kubectl-");
        try
        {
            var got = await Run("sh", "-c", $"cd {folder.FullName} && apt-get download -q {Package} && mv ./*.deb package.deb");
            Assert.SkipUnless(got is { Succeeded: true }, $"no kubectl of Debian: {got?.Error ?? "no apt-get"}");
            Directory.CreateDirectory(cache);
            var unpacked = await Run("dpkg", "-x", Path.Combine(folder.FullName, "package.deb"), cache);
            Assert.True(unpacked is { Succeeded: true }, unpacked?.Error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return kubectl;
    }

    private static async Task<ProcessResult?> Run(params string[] command)
    {
        try
        {
            return await ProcessSpawner.Run(command, "", TimeSpan.FromSeconds(60));
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            return null;
        }
    }
}
