using System.Globalization;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Netfilter;

/// <summary><c>nft -f</c>, for what is not worth a codec: tables, chains and rules.</summary>
public static class NftTool
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a script as one transaction in a namespace, by its path; null for the calling thread's.
    /// The address of the socket that made the change: the tool's process id. Throws
    /// <see cref="IOException"/> with what the tool said.</summary>
    public static uint Run(string script, string? namespacePath = null)
    {
        try
        {
            var run = namespacePath is null
                ? Start(script)
                : NetworkNamespace.Run(namespacePath, () => Start(script));
            var result = run.GetAwaiter().GetResult();
            return result.Succeeded
                ? (uint)result.ProcessId
                : throw new IOException($"nft refused: {result.Error.Split('\n', 2)[0]}");
        }
        catch (SystemCallException e)
        {
            throw new IOException($"{e.Message} (package nftables)", e);
        }
        catch (TimeoutException e)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture, $"nft did not end within {Limit.TotalSeconds:0} s"), e);
        }
    }

    private static Task<ProcessResult> Start(string script) =>
        ProcessSpawner.Run(["nft", "-f", "-"], script, Limit);
}
