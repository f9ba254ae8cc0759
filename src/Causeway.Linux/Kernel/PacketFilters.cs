using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Kernel;

/// <summary>What nftables holds: read by the tools, changed by netlink.</summary>
internal static class PacketFilters
{
    private const string Absent = "No such file or directory";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// All tables: what iptables-nft wrote as its own tool tells it, the others as nft does; an
    /// <see cref="UnknownState"/> where they cannot be read. nft is not asked for iptables' tables: it shows their matches
    /// by name alone, and takes half a minute for those of 10,000 services.
    /// </summary>
    public static List<Entry> Read(KernelDriver driver)
    {
        using var socket = driver.Inside(static () => NetlinkSocket.OpenNetfilter(null));
        var tables = NftQuery.Tables(socket);
        if (tables is []) return [];
        var entries = IptablesCapture.Nft(driver, tables ?? [], out var told);
        if (tables is null || told.Count == 0)
        {
            // All by one start of the tool; without nftables in the kernel it says why.
            ReadTables(driver, ["ruleset"], null, entries);
            return entries;
        }
        foreach (var table in tables.Except(told)) ReadTables(driver, ["table", table.Family, table.Name], Absent, entries);
        return entries;
    }

    /// <summary>The table that is ours, if it is there.</summary>
    public static List<Entry> ReadOurs(KernelDriver driver)
    {
        var entries = new List<Entry>();
        ReadTables(driver, ["table", "inet", Ownership.NftTableName], Absent, entries);
        return entries;
    }

    /// <summary>Puts a table in place of what is there, in one transaction: by the tool where it holds what we do not say
    /// ourselves. Throws <see cref="IOException"/>.</summary>
    public static void Replace(KernelDriver driver, NftTable table)
    {
        try
        {
            Commit(driver, table, [table], writer => writer.Replace(table));
        }
        catch (NotSupportedException)
        {
            Run(driver, NftText.Replace(table));
        }
    }

    /// <summary>Removes a table, whether it is there or not. Throws <see cref="IOException"/>.</summary>
    public static void Remove(KernelDriver driver, NftTable table) =>
        Commit(driver, table, [], writer => writer.Remove(table.Family, table.Name));

    private static void Commit(KernelDriver driver, NftTable table, List<Entry> now, Action<NftTableWriter> write)
    {
        var transaction = NetfilterCodec.Transaction(writer => write(new NftTableWriter(writer)));
        var ours = table is { Family: "inet", Name: Ownership.NftTableName };
        driver.OwnTable.Commit($"cannot change {table}", transaction, ours ? now : null);
    }

    private static void Run(KernelDriver driver, string script)
    {
        try
        {
            var result = Wait(driver.Inside(() => ProcessSpawner.Run(["nft", "-f", "-"], script, Limit)));
            if (!result.Succeeded) throw new IOException($"nft refused the table: {FirstLine(result.Error)}");
            driver.OwnTable.WrittenBy((uint)result.ProcessId);
        }
        catch (Exception e) when (e is SystemCallException or TimeoutException)
        {
            throw new IOException($"{e.Message} (package nftables)", e);
        }
    }

    /// <param name="absent">What nft says when there is nothing to list; null where that cannot be.</param>
    private static void ReadTables(KernelDriver driver, string[] what, string? absent, List<Entry> entries)
    {
        try
        {
            var result = Wait(driver.Inside(
                () => ProcessSpawner.Run(["nft", "-j", "list", .. what], timeout: Limit)));
            if (result.Succeeded) entries.AddRange(NftJson.Parse(result.Bytes));
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
