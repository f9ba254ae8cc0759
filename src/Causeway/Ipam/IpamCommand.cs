using System.CommandLine;
using Causeway.Cli;
using Causeway.Kubernetes;

namespace Causeway.Ipam;

/// <summary>The verbs of <c>causeway ipam</c>.</summary>
internal static class IpamCommand
{
    public static Command Create()
    {
        var command = new Command(
            "ipam", "Addresses: how full the pools are, who has what, and whether it is true.")
        {
            ShowCommand.Create(),
            CheckCommand.Create(),
            ReleaseCommand.Create(),
        };
        ClusterOptions.AddTo(command);
        return command;
    }

    /// <summary>Runs a verb against the cluster that the options name. A cluster that cannot be asked ends it
    /// with exit code 3: nothing is known.</summary>
    public static async Task<int> Run(ParseResult parsed, Func<KubeClient, Task<int>> verb)
    {
        using var client = ClusterOptions.Client(parsed);
        try
        {
            return await verb(client);
        }
        catch (KubeException e) when (e.IsNotFound
            && e.Message.Contains("causeway.dev", StringComparison.Ordinal))
        {
            await Console.Error.WriteLineAsync(
                "causeway: the cluster has no IPPools: 'causeway crds | kubectl apply -f -' adds the kind");
            return ExitCode.Unknown;
        }
        catch (KubeException e)
        {
            await Console.Error.WriteLineAsync($"causeway: {e.Message}");
            return ExitCode.Unknown;
        }
    }
}
