using System.Runtime.InteropServices;
using Causeway.Lab.Kubelet.Network;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Lab.Objects;
using Causeway.Lab.Workloads;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>What the containers of one pod have in common.</summary>
/// <param name="FilesDirectory">Holds the pod's hosts, resolv.conf and hostname.</param>
/// <param name="LogDirectory">Of the pod; each container has a folder in it.</param>
internal sealed record PodSetting(
    PodObject Pod, KubeletNode Node, PodSandbox Sandbox, PodFacts Facts, string HostName,
    string FilesDirectory,
    string LogDirectory, PodVolumes Volumes, PodSources Sources)
{
    public bool OwnNetwork => Pod.Spec?.HostNetwork != true;
}

/// <summary>Starts processes in pods.</summary>
internal static class ContainerStart
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>What the built-in servers run with: a thousand of them share this machine's memory.</summary>
    private static readonly KeyValuePair<string, string>[] SmallRuntime =
    [
        new("DOTNET_gcConcurrent", "0"),
        new("DOTNET_GCgen0size", "0x80000"),
        new("DOTNET_GCHeapHardLimit", "0x4000000"),
        new("DOTNET_TieredCompilation", "1"),
    ];

    /// <summary>What a container is told now, of its own spec and of objects that may change.</summary>
    public static ContainerVariables EnvironmentOf(
        ContainerSpec spec, PodSetting setting)
    {
        var (ns, sources) = (setting.Pod.Metadata.Namespace!, setting.Sources);
        var inherited = new Dictionary<string, string>(ServiceVariables.Of(
            sources.Service("default", "kubernetes"),
            setting.Pod.Spec?.EnableServiceLinks == false ? [] : sources.Services(ns)))
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? DefaultPath,
            ["HOME"] = "/root",
            ["HOSTNAME"] = setting.HostName,
        };
        return ContainerEnvironment.Of(spec, setting.Facts, sources.In(ns), inherited);
    }

    /// <summary>Starts a container's main process. Throws <see cref="IOException"/> that says why it could
    /// not.</summary>
    /// <param name="notice">Where a server says that it serves; null for one that does not.</param>
    public static ChildProcess Start(
        ContainerSpec spec, ResolvedWorkload workload, PodSetting setting,
        IReadOnlyDictionary<string, string> environment, PodMounts mounts, ChildStream output,
        SafeHandle? notice)
    {
        var arguments = workload.BuiltIn
            ? workload.Arguments!
            : [.. workload.Arguments!.Select(a => ContainerEnvironment.Expand(a, environment))];
        var volumes = ContainerMount.Of(spec, setting.Volumes, environment);
        if (workload.GivesNotice) environment = new Dictionary<string, string>([.. environment, .. SmallRuntime]);
        var directory = string.IsNullOrEmpty(spec.WorkingDir) ? "/" : spec.WorkingDir;
        var start = new ProcessStart(arguments)
        {
            Environment = environment,
            WorkingDirectory = directory,
            Output = output,
            Error = output,
            NewSession = true,
        };
        if (notice is not null) start = ReadyNotice.Ask(start, notice);
        using var network = NetworkNamespace.Open(setting.Sandbox.NamespacePath);
        return NamespaceThread.Run(() =>
        {
            NetworkNamespace.Enter(network, setting.Sandbox.NamespacePath);
            HostNameNamespace.Unshare(setting.HostName);
            mounts.Enter(setting.FilesDirectory, setting.OwnNetwork, volumes);
            if (!Directory.Exists(directory))
                throw new IOException($"workingDir '{directory}' does not exist on this machine");
            return ProcessSpawner.Spawn(start);
        });
    }
}
