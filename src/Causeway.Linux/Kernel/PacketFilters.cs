using System.Text;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Linux.Native;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Kernel;

/// <summary>The rulesets: nftables by its own tool; of the older iptables only whether it decides over
/// packets.</summary>
internal static class PacketFilters
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly (string Names, string Save, string Title)[] Legacy =
    [
        ("/proc/thread-self/net/ip_tables_names", "iptables-legacy-save", "iptables-legacy"),
        ("/proc/thread-self/net/ip6_tables_names", "ip6tables-legacy-save", "ip6tables-legacy"),
    ];

    /// <summary>All nftables tables, and an <see cref="UnknownState"/> for whatever else filters.</summary>
    public static List<Entry> Read(KernelDriver driver)
    {
        var entries = new List<Entry>();
        ReadTables(driver, ["ruleset"], null, entries);
        foreach (var (names, save, title) in Legacy)
            if (ReadLegacy(driver, names, save, title) is { } unknown) entries.Add(unknown);
        return entries;
    }

    /// <summary>The table that is ours, if it is there.</summary>
    public static List<Entry> ReadOurs(KernelDriver driver)
    {
        var entries = new List<Entry>();
        ReadTables(driver, ["table", "inet", Ownership.NftTableName], "No such file or directory", entries);
        return entries;
    }

    /// <summary>Runs a script of <c>nft -f</c>, as one transaction; null when it was carried out, else why
    /// not.</summary>
    public static string? Run(KernelDriver driver, string script)
    {
        try
        {
            var result = Wait(driver.Inside(() => ProcessSpawner.Run(["nft", "-f", "-"], script, Limit)));
            return result.Succeeded ? null : $"nft refused the table: {FirstLine(result.Error)}";
        }
        catch (Exception e) when (e is SystemCallException or TimeoutException)
        {
            return $"{e.Message} (package nftables)";
        }
    }

    /// <param name="absent">What nft says when there is nothing to list; null where that cannot be.</param>
    private static void ReadTables(KernelDriver driver, string[] what, string? absent, List<Entry> entries)
    {
        try
        {
            var result = Wait(driver.Inside(
                () => ProcessSpawner.Run(["nft", "-j", "list", .. what], timeout: Limit)));
            if (result.Succeeded) entries.AddRange(NftJson.Parse(Encoding.UTF8.GetBytes(result.Output)));
            else if (absent is null || !result.Error.Contains(absent, StringComparison.Ordinal))
                entries.Add(new UnknownState("nftables", $"nft refused to list: {FirstLine(result.Error)}"));
        }
        catch (Exception e) when (e is SystemCallException or TimeoutException or FormatException)
        {
            entries.Add(new UnknownState("nftables", e.Message));
        }
    }

    /// <summary>
    /// A legacy table may be there and empty, since the tool makes it by looking; only rules and policies
    /// decide.
    /// </summary>
    private static UnknownState? ReadLegacy(KernelDriver driver, string names, string save, string title)
    {
        var tables = driver.Inside(() => ReadNames(names));
        if (tables.Length == 0) return null;
        try
        {
            var result = Wait(driver.Inside(() => ProcessSpawner.Run([save], timeout: Limit)));
            if (result.Succeeded && result.Output.Split('\n').All(IsIdle)) return null;
        }
        catch (Exception e) when (e is SystemCallException or TimeoutException)
        {
            // Without the tool the tables stay unread.
        }
        return new UnknownState(title, $"rules in the tables {tables} are not read");
    }

    private static bool IsIdle(string line) =>
        !line.StartsWith("-A", StringComparison.Ordinal)
        && !(line.StartsWith(':') && line.Contains(" DROP ", StringComparison.Ordinal));

    private static string ReadNames(string path)
    {
        try
        {
            return string.Join(", ", File.ReadAllLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static ProcessResult Wait(Task<ProcessResult> run) => run.GetAwaiter().GetResult();

    private static string FirstLine(string text) => text.Split('\n', 2)[0];
}
