using System.CommandLine;
using Causeway.Core;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab;
using Causeway.Lab.Capsule;

namespace Causeway.Cli;

/// <summary>Which cluster a verb speaks to: a lab, or the one of a kubeconfig.</summary>
internal static class ClusterTarget
{
    public static Option<string?> KubeconfigOption { get; } = new("--kubeconfig")
    {
        Description = "Speak to the cluster of this kubeconfig (default: $KUBECONFIG, else the lab).",
        HelpName = "FILE",
    };

    public static Option<string?> NamespaceOption { get; } = new("--namespace", "-n")
    {
        Description = "Namespace of objects that do not name one (default: the context's, else 'default').",
        HelpName = "NS",
    };

    /// <summary>
    /// How to reach it: --kubeconfig, else --lab, else $KUBECONFIG, else the lab. Throws
    /// <see cref="InputException"/>.
    /// </summary>
    public static KubeAccess Access(ParseResult parsed)
    {
        var file = parsed.GetValue(KubeconfigOption);
        var lab = parsed.GetValue(LabCommand.LabOption);
        if (file is not null && lab is not null)
            throw new InputException("--kubeconfig and --lab exclude each other");
        if (file is not null) return KubeConfig.Load(file).Access();
        if (lab is null && Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } files)
            return KubeConfig.Load(files.Split(':', StringSplitOptions.RemoveEmptyEntries)).Access();
        return OfLab(LabDirectory.FindRunning(lab));
    }

    public static KubeAccess OfLab(LabDirectory lab) => KubeConfig.Load(lab.Kubeconfig).Access();

    public static KubeClient Open(ParseResult parsed) => new(Access(parsed), TimeProvider.System);

    public static string Namespace(ParseResult parsed, KubeAccess access) =>
        parsed.GetValue(NamespaceOption) ?? access.Namespace ?? "default";
}
