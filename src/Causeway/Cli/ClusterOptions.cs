using System.Collections;
using System.CommandLine;
using System.CommandLine.Parsing;
using Causeway.Core;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab;
using Causeway.Lab.Capsule;
using Causeway.Linux.Native;
using Causeway.Linux.Processes;

namespace Causeway.Cli;

/// <summary>
/// The options of every verb that speaks to a cluster, and the way from them to a client. In this order:
/// <c>--kubeconfig</c>, <c>--lab</c>, <c>$KUBECONFIG</c>, the lab that there is, <c>~/.kube/config</c>, the
/// pod's service account.
/// </summary>
internal static class ClusterOptions
{
    private static readonly TimeSpan PluginTimeout = TimeSpan.FromMinutes(1);

    public static Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "The kubeconfig of the cluster (default: $KUBECONFIG, the lab, ~/.kube/config).",
        HelpName = "FILE",
        Recursive = true,
    };

    public static Option<string?> Context { get; } = new("--context")
    {
        Description = "The context in the kubeconfig (default: its current one).",
        HelpName = "NAME",
        Recursive = true,
    };

    /// <summary>Gives a verb, and the verbs that it has by now, the options of this class.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Kubeconfig);
        command.Options.Add(Context);
        command.Options.Add(LabCommand.LabOption);
        foreach (var verb in command.Subcommands.Prepend(command)) verb.Validators.Add(Exclusive);
    }

    /// <summary>Throws <see cref="InputException"/> when no cluster is named or found.</summary>
    public static KubeAccess Access(ParseResult parsed)
    {
        var files = Files(parsed.GetValue(Kubeconfig), parsed.GetValue(LabCommand.LabOption));
        if (files is not null) return KubeConfig.Load(files).Access(parsed.GetValue(Context), RunPlugin);
        return InClusterConfig.Find(Environment.GetEnvironmentVariable) ?? throw new InputException(
            "no cluster: give --kubeconfig FILE or --lab NAME, set KUBECONFIG, "
            + "or make a lab with 'causeway lab up'");
    }

    /// <summary>A client of that cluster; the caller disposes of it.</summary>
    public static KubeClient Client(ParseResult parsed) => new(Access(parsed), TimeProvider.System);

    private static string[]? Files(string? kubeconfig, string? lab)
    {
        if (kubeconfig is not null) return [kubeconfig];
        if (lab is not null) return [LabDirectory.FindRunning(lab).Kubeconfig];
        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } variable)
        {
            // As kubectl does: those of the list that are not there are passed over.
            var listed = variable.Split(':', StringSplitOptions.RemoveEmptyEntries);
            var there = listed.Where(File.Exists).ToArray();
            return there.Length > 0 ? there : listed;
        }
        if (LabDirectory.All().Count > 0) return [LabDirectory.FindRunning(null).Kubeconfig];
        var home = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(home) ? [home] : null;
    }

    private static void Exclusive(CommandResult result)
    {
        if (result.GetResult(Kubeconfig) is { Implicit: false }
            && result.GetResult(LabCommand.LabOption) is { Implicit: false })
            result.AddError("--kubeconfig and --lab name two clusters; give one of them.");
    }

    private static async Task<string> RunPlugin(ExecPlugin plugin, CancellationToken cancel)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        foreach (var (name, value) in plugin.Environment) environment[name] = value;
        var start = new ProcessStart([plugin.Command, .. plugin.Arguments]) { Environment = environment };
        try
        {
            var result = await ProcessSpawner.Run(start, timeout: PluginTimeout, cancellation: cancel);
            return result.Succeeded ? result.Output : throw new InputException(
                $"the credential plugin '{plugin.Command}' ended with {result.ExitCode}: "
                + result.Error.Trim());
        }
        catch (Exception e) when (e is SystemCallException or TimeoutException)
        {
            var hint = plugin.InstallHint is null ? "" : "; " + plugin.InstallHint.Trim();
            throw new InputException($"the credential plugin '{plugin.Command}': {e.Message}{hint}", e);
        }
    }
}
