using System.Runtime.InteropServices;
using Causeway.Core;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;

namespace Causeway.Cli;

/// <summary>What the programs share that run until they are told to stop.</summary>
internal static class ServerProgram
{
    /// <summary>Ends on SIGTERM, until what is given back is disposed.</summary>
    public static PosixSignalRegistration EndOnTerminate(CancellationTokenSource end) =>
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });

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
