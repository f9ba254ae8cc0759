using System.Text.Json.Nodes;
using Causeway.Core.Cluster;

namespace Causeway.Lab.Kubelet.Nodes;

/// <summary>What is the same for every node of a lab: the machine.</summary>
/// <param name="Architecture">In Go's words: <c>amd64</c>, <c>arm64</c>.</param>
/// <param name="MemoryKiB">Of the machine; each node claims all of it, nothing is reserved.</param>
public sealed record MachineFacts(
    string Architecture, string KernelVersion, string OsImage, string BootId, int Processors, long MemoryKiB);

/// <summary>A Node object as a kubelet registers it, and its status.</summary>
public static class NodeDocument
{
    /// <summary>The Kubernetes version whose behaviour the lab follows.</summary>
    private const string Version = "v1.34.0";

    /// <param name="problem">Why the node is not ready; null when it is.</param>
    public static JsonObject Build(
        KubeletNode node, MachineFacts machine, int pods, string? problem, DateTimeOffset since) => new()
        {
            ["apiVersion"] = ApiResources.Nodes.ApiVersion,
            ["kind"] = ApiResources.Nodes.Kind,
            ["metadata"] = new JsonObject { ["name"] = node.Name, ["labels"] = LabelsOf(node, machine) },
            ["spec"] = new JsonObject(),
            ["status"] = Status(node, machine, pods, problem, since),
        };

    public static JsonObject LabelsOf(KubeletNode node, MachineFacts machine) => new()
    {
        ["kubernetes.io/hostname"] = node.Name,
        ["kubernetes.io/os"] = "linux",
        ["kubernetes.io/arch"] = machine.Architecture,
        ["beta.kubernetes.io/os"] = "linux",
        ["beta.kubernetes.io/arch"] = machine.Architecture,
    };

    public static JsonObject Status(
        KubeletNode node, MachineFacts machine, int pods, string? problem, DateTimeOffset since)
    {
        var addresses = new JsonArray();
        foreach (var address in node.Addresses)
            addresses.Add((JsonNode)Address("InternalIP", address.ToString()));
        addresses.Add((JsonNode)Address("Hostname", node.Name));
        return new()
        {
            ["addresses"] = addresses,
            ["capacity"] = Resources(machine, pods),
            ["allocatable"] = Resources(machine, pods),
            ["conditions"] = Conditions(problem, since),
            ["nodeInfo"] = new JsonObject
            {
                ["architecture"] = machine.Architecture,
                ["operatingSystem"] = "linux",
                ["kernelVersion"] = machine.KernelVersion,
                ["osImage"] = machine.OsImage,
                ["containerRuntimeVersion"] = "lab://0.1.0",
                ["kubeletVersion"] = Version,
                ["kubeProxyVersion"] = "",
                ["bootID"] = machine.BootId,
                ["machineID"] = node.Name,
                ["systemUUID"] = node.Name,
            },
        };
    }

    private static JsonArray Conditions(string? problem, DateTimeOffset since) => new(
        Condition("MemoryPressure", "False", "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available", since),
        Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", since),
        Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available",
            since),
        problem is null
            ? Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", since)
            : Condition("Ready", "False", "KubeletNotReady", problem, since));

    private static JsonObject Condition(
        string type, string status, string reason, string message, DateTimeOffset since) => new()
        {
            ["type"] = type,
            ["status"] = status,
            ["reason"] = reason,
            ["message"] = message,
            ["lastHeartbeatTime"] = Pods.PodStatusDocument.Time(since),
            ["lastTransitionTime"] = Pods.PodStatusDocument.Time(since),
        };

    private static JsonObject Address(string type, string address) =>
        new() { ["type"] = type, ["address"] = address };

    private static JsonObject Resources(MachineFacts machine, int pods) => new()
    {
        ["cpu"] = $"{machine.Processors}",
        ["memory"] = $"{machine.MemoryKiB}Ki",
        ["pods"] = $"{pods}",
    };
}
