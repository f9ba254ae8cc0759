using System.Globalization;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Netfilter;

/// <summary>Runs the tools of one Debian package in one network namespace.</summary>
/// <param name="package">Named when a tool is not there.</param>
/// <param name="limit">A run that takes longer is ended.</param>
/// <param name="namespacePath">Null for the calling thread's.</param>
internal sealed class NetfilterTool(string package, TimeSpan limit, string? namespacePath)
{
    /// <summary>To its end, whatever that is. Throws <see cref="IOException"/> when the tool cannot be started or
    /// does not end.</summary>
    public ProcessResult Run(IReadOnlyList<string> command, string input = "")
    {
        Task<ProcessResult> Start() => ProcessSpawner.Run(command, input, limit);
        try
        {
            return (namespacePath is null ? Start() : NetworkNamespace.Run(namespacePath, Start))
                .GetAwaiter().GetResult();
        }
        catch (SystemCallException e)
        {
            throw new IOException($"{e.Message} (package {package})", e);
        }
        catch (TimeoutException e)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture, $"{command[0]} did not end within {limit.TotalSeconds:0} s"), e);
        }
    }

    /// <summary>As <see cref="Run"/>; throws with the first line of what it said when it failed, too.</summary>
    public ProcessResult RunWell(IReadOnlyList<string> command, string input = "")
    {
        var result = Run(command, input);
        return result.Succeeded
            ? result
            : throw new IOException($"{command[0]} refused: {result.Error.Split('\n', 2)[0]}");
    }
}
