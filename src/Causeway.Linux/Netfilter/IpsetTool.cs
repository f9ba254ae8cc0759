using System.Globalization;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Netfilter;

/// <summary>The tool ipset in one network namespace. What it refuses is an <see cref="IOException"/> with its
/// words.</summary>
/// <param name="namespacePath">Null for the calling thread's.</param>
public sealed class IpsetTool(string? namespacePath = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Carries out lines of <c>ipset restore</c>. Members that are there already, or gone already, are no
    /// error.</summary>
    public void Restore(IEnumerable<string> lines)
    {
        var script = string.Join('\n', lines);
        if (script.Length > 0) Run(["ipset", "-exist", "restore"], script + "\n");
    }

    /// <summary>All sets with their members. Throws also where the tool's text is not understood.</summary>
    public IReadOnlyList<IpSet> Save()
    {
        var text = Run(["ipset", "save"]);
        try
        {
            return IpsetSave.Parse(text);
        }
        catch (FormatException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>How many members each set has.</summary>
    public Dictionary<string, int> Count()
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        var name = "";
        foreach (var line in Run(["ipset", "list", "-terse"]).Split('\n'))
        {
            if (line.StartsWith("Name: ", StringComparison.Ordinal)) name = line[6..];
            else if (line.StartsWith("Number of entries: ", StringComparison.Ordinal))
                counts[name] = int.Parse(line.AsSpan(19), CultureInfo.InvariantCulture);
        }
        return counts;
    }

    private string Run(string[] command, string input = "")
    {
        Task<ProcessResult> Start() => ProcessSpawner.Run(command, input, Limit);
        try
        {
            var result = (namespacePath is null ? Start() : NetworkNamespace.Run(namespacePath, Start))
                .GetAwaiter().GetResult();
            return result.Succeeded
                ? result.Output
                : throw new IOException($"ipset refused: {result.Error.Split('\n', 2)[0]}");
        }
        catch (SystemCallException e)
        {
            throw new IOException($"{e.Message} (package ipset)", e);
        }
        catch (TimeoutException e)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture, $"ipset did not end within {Limit.TotalSeconds:0} s"), e);
        }
    }
}
