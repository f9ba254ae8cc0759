using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Netfilter;

/// <summary>
/// iptables of one backend, for both families: rules in two kernel interfaces at once would both be walked, so a
/// node keeps to one. What the tool or the kernel refuses is an <see cref="IOException"/> with the tool's words.
/// </summary>
/// <param name="namespacePath">The network namespace; null for the calling thread's.</param>
public sealed class IptablesTool(IptablesBackend backend, string? namespacePath = null)
{
    private readonly NetfilterTool _tool = new("iptables", TimeSpan.FromMinutes(10), namespacePath);

    public IptablesBackend Backend => backend;

    /// <summary>
    /// The backend that a node uses: the one that holds Kubernetes' chains, else the one that holds any rules, else
    /// the one behind the word <c>iptables</c>.
    /// </summary>
    public static IptablesTool Detect(string? namespacePath = null)
    {
        IptablesTool nft = new(IptablesBackend.Nft, namespacePath), legacy = new(IptablesBackend.Legacy, namespacePath);
        var (inNft, inLegacy) = (nft.Evidence(), legacy.Evidence());
        if (inNft.Chains != inLegacy.Chains) return inNft.Chains > inLegacy.Chains ? nft : legacy;
        if (inNft.Rules > 0 != inLegacy.Rules > 0) return inNft.Rules > 0 ? nft : legacy;
        var version = nft._tool.Run(["iptables", "--version"]);
        return version.Output.Contains("legacy", StringComparison.Ordinal) ? legacy : nft;
    }

    /// <summary>Whether the tool can write this family's tables in this kernel; without IPv6 in the kernel it
    /// cannot.</summary>
    public bool Serves(IpFamily family)
    {
        try
        {
            return _tool.Run([Name(family), "-t", "nat", "-S", "PREROUTING"]).Succeeded;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether a chain is there; makes nothing.</summary>
    public bool Holds(IpFamily family, string table, string chain)
    {
        if (backend == IptablesBackend.Nft)
        {
            using var socket = NetlinkSocket.OpenNetfilter(namespacePath);
            return NftQuery.HasChain(socket, family, table, chain);
        }
        // The tool makes tables by looking at them.
        if (!LegacyTables(family).Split('\n').Contains(table)) return false;
        try
        {
            return _tool.Run([Name(family), "-t", table, "-S", chain]).Succeeded;
        }
        catch (IOException)
        {
            // A backend whose tool is not installed is not in use.
            return false;
        }
    }

    /// <summary>What <c>iptables-save</c> says of one table, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Save(IpFamily family, string table)
    {
        var tool = Name(family) + "-save";
        var result = _tool.Run([tool, "-t", table]);
        return result.Succeeded ? result.Bytes : throw new IOException($"{tool} refused: {Words(result.Error)}");
    }

    /// <summary>As <see cref="Save"/>, by lines.</summary>
    public string[] SaveLines(IpFamily family, string table) =>
        Encoding.UTF8.GetString(Save(family, table).Span).Split('\n');

    /// <summary>Carries out a script of <c>iptables-restore</c> on top of what is there, each table as one
    /// transaction. The tool's process id, which is the address of its socket.</summary>
    public uint Restore(IpFamily family, string script)
    {
        var tool = Name(family) + "-restore";
        // Only the legacy backend has a lock to wait for; the other takes the option and ignores it.
        var result = _tool.Run([tool, "--noflush", "--wait", "5"], script);
        return result.Succeeded
            ? (uint)result.ProcessId
            : throw new IOException($"{tool} refused: {Quoted(Words(result.Error), script)}");
    }

    /// <summary><c>iptables-nft</c>, <c>ip6tables-legacy</c>, ...</summary>
    public string Name(IpFamily family) => IptablesTable.ToolOf(family, backend);

    private (int Chains, int Rules) Evidence()
    {
        var (chains, rules) = (0, 0);
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            if (backend == IptablesBackend.Legacy && LegacyTables(family).Length == 0) continue;
            var lines = SavedLines(family);
            chains += lines.Count(l => l.StartsWith(":KUBE-", StringComparison.Ordinal));
            rules += lines.Count(l => l.StartsWith("-A ", StringComparison.Ordinal));
        }
        return (chains, rules);
    }

    private string[] SavedLines(IpFamily family)
    {
        try
        {
            return _tool.Run([Name(family) + "-save"]).Output.Split('\n');
        }
        catch (IOException)
        {
            return [];
        }
    }

    private string LegacyTables(IpFamily family)
    {
        var path = $"/proc/thread-self/net/{family.Word}_tables_names";
        string Read() => File.Exists(path) ? File.ReadAllText(path) : "";
        return namespacePath is null ? Read() : NetworkNamespace.Run(namespacePath, Read);
    }

    private static string Words(string error) => string.Join("; ", error.Split('\n')
        .Select(l => l.Trim())
        .Where(l => l.Length > 0 && !l.StartsWith("Try ", StringComparison.Ordinal)).Take(3));

    /// <summary>With the line of the script that the tool gives by its number.</summary>
    private static string Quoted(string words, string script)
    {
        // "line 3 failed", "Error occurred at line: 3"
        var at = words.LastIndexOf("line", StringComparison.Ordinal);
        if (at < 0) return words;
        var digits = words.AsSpan(at + 4).TrimStart(": ");
        digits = digits[..(digits.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : digits.Length)];
        if (!int.TryParse(digits, CultureInfo.InvariantCulture, out var number)) return words;
        var line = script.Split('\n').ElementAtOrDefault(number - 1);
        return string.IsNullOrEmpty(line) ? words : $"{words}: '{line}'";
    }
}
