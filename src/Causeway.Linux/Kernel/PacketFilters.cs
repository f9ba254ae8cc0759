using System.Text;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Linux.Native;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Kernel;

/// <summary>nftables, by its own tool.</summary>
internal static class PacketFilters
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>All nftables tables, and an <see cref="UnknownState"/> where they cannot be read.</summary>
    public static List<Entry> Read(KernelDriver driver)
    {
        var entries = new List<Entry>();
        ReadTables(driver, ["ruleset"], null, entries);
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
            if (result.Succeeded) driver.OwnTable.WrittenBy((uint)result.ProcessId);
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

    private static ProcessResult Wait(Task<ProcessResult> run) => run.GetAwaiter().GetResult();

    private static string FirstLine(string text) => text.Split('\n', 2)[0];
}
