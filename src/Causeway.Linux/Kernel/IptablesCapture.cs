using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Ipvs;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Kernel;

/// <summary>
/// iptables of both backends, each asked only where the kernel says that it has tables (a tool makes tables by looking),
/// ipset, and IPVS by its file under /proc.
/// </summary>
internal static class IptablesCapture
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly string[] TableNames = ["raw", "mangle", "nat", "filter", "security"];

    /// <summary>What iptables-nft keeps.</summary>
    /// <param name="tables">Those of nftables: iptables' are named like its own.</param>
    /// <param name="told">Those of them that the tool told whole: not those in which it says that there is more, nor any
    /// where it is not there.</param>
    public static List<Entry> Nft(KernelDriver driver, List<NftTableName> tables, out List<NftTableName> told)
    {
        List<Entry> entries = [];
        told = [];
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            if (!tables.Exists(t => t.Family == family.Word && TableNames.Contains(t.Name))) continue;
            var read = Save(driver, family, IptablesBackend.Nft, out var gaps).OfType<IptablesTable>().ToList();
            told.AddRange(read.Where(t => !gaps.Any(g => g.Table == t.Name)).Select(t => new NftTableName(family.Word, t.Name)));
            entries.AddRange(read.Where(Decides));
        }
        return entries;
    }

    /// <summary>What the other backend keeps, asked where the kernel says that it has tables: the tool makes tables by
    /// looking.</summary>
    public static List<Entry> Legacy(KernelDriver driver)
    {
        List<Entry> entries = [];
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            var names = driver.Inside(() => ReadFile($"/proc/thread-self/net/{family.Word}_tables_names"));
            if (names.Length > 0)
                entries.AddRange(Save(driver, family, IptablesBackend.Legacy, out _).Where(e => e is not IptablesTable table || Decides(table)));
        }
        return entries;
    }

    /// <summary>Every set; none where the tool is not there, so that a rule that asks for one cannot be judged.</summary>
    public static IEnumerable<Entry> Sets(KernelDriver driver)
    {
        try
        {
            var result = Run(driver, "ipset", "save");
            return result.Succeeded ? IpsetSave.Parse(result.Output) : [];
        }
        catch (Exception e) when (e is SystemCallException or TimeoutException or FormatException)
        {
            return [];
        }
    }

    public static IEnumerable<Entry> VirtualServers(KernelDriver driver)
    {
        try
        {
            var listed = IpvsText.Parse(driver.Inside(() => ReadFile("/proc/thread-self/net/ip_vs")));
            return listed.Any(s => s.Persistence is not null) ? InSeconds(driver, listed) : listed;
        }
        catch (FormatException e)
        {
            return [new UnknownState("ipvs", e.Message)];
        }
    }

    // The file gives times in ticks of the kernel's clock, whose length it does not tell; netlink gives seconds.
    private static IEnumerable<VirtualServer> InSeconds(KernelDriver driver, IReadOnlyList<VirtualServer> listed)
    {
        using var ipvs = driver.Inside(() => IpvsDriver.TryOpen());
        var known = ipvs?.Services().ToDictionary(s => s.Key, s => s.Options) ?? [];
        return [.. listed.Select(s => s.Persistence is not null && s.Mark == 0
            && known.TryGetValue(new(s.Protocol, s.Address, s.Port), out var options)
                ? s with { Persistence = (int)options.Timeout }
                : s)];
    }

    // Tables without a rule and without a policy decide nothing.
    private static bool Decides(IptablesTable table) => table.Chains.Any(c => !c.IsEmpty || c.Policy == "DROP");

    private static IEnumerable<Entry> Save(
        KernelDriver driver, IpFamily family, IptablesBackend backend, out IReadOnlyList<IptablesGap> gaps)
    {
        gaps = [];
        var tool = IptablesTable.ToolOf(family, backend);
        try
        {
            var result = Run(driver, $"{tool}-save", "-c");
            if (result.Succeeded)
            {
                gaps = IptablesGap.In(result.Bytes.Span);
                return IptablesSave.Parse(result.Bytes, family, backend);
            }
            return Unread(tool, backend, $"{tool}-save refused: {result.Error.Split('\n')[0]}");
        }
        catch (Exception e) when (e is SystemCallException or TimeoutException or FormatException)
        {
            return Unread(tool, backend, e.Message);
        }
    }

    // What iptables-nft keeps is read by nft then.
    private static IEnumerable<Entry> Unread(string tool, IptablesBackend backend, string why) =>
        backend == IptablesBackend.Nft ? [] : [new UnknownState(tool, why)];

    private static ProcessResult Run(KernelDriver driver, params string[] command) =>
        driver.Inside(() => ProcessSpawner.Run(command, timeout: Limit)).GetAwaiter().GetResult();

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
