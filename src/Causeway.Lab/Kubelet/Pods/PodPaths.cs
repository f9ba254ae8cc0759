using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>Where the kubelet keeps things of pods.</summary>
internal static class PodPaths
{
    public static string AllLogs(KubeletOptions options) => Path.Combine(options.StateDirectory, "logs");

    /// <summary>Holds a folder per container, with a file per instance.</summary>
    public static string Logs(KubeletOptions options, PodObject pod) => Path.Combine(
        AllLogs(options), $"{pod.Metadata.Namespace}_{pod.Metadata.Name}_{pod.Metadata.Uid}");

    public static string Attachments(KubeletOptions options, KubeletNode node) =>
        Path.Combine(options.StateDirectory, "cni", node.Name);
}
