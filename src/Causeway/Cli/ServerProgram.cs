using System.CommandLine;
using Causeway.Core;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Capsule;

namespace Causeway.Cli;

/// <summary>What the programs share that run until they are told to stop.</summary>
internal static class ServerProgram
{
    /// <summary>Verbs that see to their own end by <see cref="EndSignals"/> or as the lab's init does. All others are
    /// ended two seconds after a signal, which a server that still answers for a while must not be.</summary>
    private static readonly string[] Verbs = ["agent", "dns", CapsuleLauncher.InitVerb];

    /// <summary>How long after a signal the verb is ended from outside; null where it sees to that itself.</summary>
    public static TimeSpan? EndsWithin(Command verb) => Verbs.Contains(verb.Name) ? null : TimeSpan.FromSeconds(2);

    /// <summary>The way to the API server: of the kubeconfig that is given, else of $KUBECONFIG, else of the pod's service
    /// account.</summary>
    /// <param name="context">Of the kubeconfig; null: its current one.</param>
    /// <param name="where">Who asks, at the beginning of the error.</param>
    /// <exception cref="InputException">There is none of them.</exception>
    public static KubeAccess Access(string? given, string? context = null, string where = "")
    {
        var file = given ?? Environment.GetEnvironmentVariable("KUBECONFIG");
        if (!string.IsNullOrEmpty(file))
            return KubeConfig.Load(file.Split(':', StringSplitOptions.RemoveEmptyEntries)).Access(context);
        return InClusterConfig.Find(Environment.GetEnvironmentVariable) ?? throw new InputException(
            where + "no way to the API server: give --kubeconfig FILE or set KUBECONFIG "
            + "(this is not a pod with a service account)");
    }
}
