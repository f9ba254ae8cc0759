using System.Globalization;
using Causeway.Core.Dataplane.Ipset;

namespace Causeway.Linux.Netfilter;

/// <summary>The tool ipset in one network namespace. What it refuses is an <see cref="IOException"/> with its
/// words.</summary>
/// <param name="namespacePath">Null for the calling thread's.</param>
public sealed class IpsetTool(string? namespacePath = null)
{
    private readonly NetfilterTool _tool = new("ipset", TimeSpan.FromSeconds(60), namespacePath);

    /// <summary>Carries out lines of <c>ipset restore</c>. Members that are there already, or gone already, are no
    /// error.</summary>
    public void Restore(IEnumerable<string> lines)
    {
        var script = string.Join('\n', lines);
        if (script.Length > 0) _tool.RunWell(["ipset", "-exist", "restore"], script + "\n");
    }

    /// <summary>All sets with their members. Throws also where the tool's text is not understood.</summary>
    public IReadOnlyList<IpSet> Save()
    {
        var text = _tool.RunWell(["ipset", "save"]).Output;
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
        foreach (var line in _tool.RunWell(["ipset", "list", "-terse"]).Output.Split('\n'))
        {
            if (line.StartsWith("Name: ", StringComparison.Ordinal)) name = line[6..];
            else if (line.StartsWith("Number of entries: ", StringComparison.Ordinal))
                counts[name] = int.Parse(line.AsSpan(19), CultureInfo.InvariantCulture);
        }
        return counts;
    }
}
