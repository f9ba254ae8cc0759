using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Ipvs;
using Causeway.Core.Dataplane.Nftables;
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

    /// <param name="nftables">The kernel's nftables tables: those that iptables-nft keeps are named like iptables'.</param>
    public static List<Entry> Tables(KernelDriver driver, IEnumerable<NftTable> nftables)
    {
        var entries = new List<Entry>();
        var found = nftables.ToList();
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            var tool = family == IpFamily.V4 ? "iptables" : "ip6tables";
            var kept = found.Where(t => t.Family == family.Word && TableNames.Contains(t.Name) && HasRules(t)).ToList();
            // Without its tool these stay what nft shows of them.
            if (kept.Count > 0)
                entries.AddRange(Save(driver, $"{tool}-nft", family, IptablesBackend.Nft)
                    .OfType<IptablesTable>().Where(t => kept.Exists(k => k.Name == t.Name)));
            var names = driver.Inside(() => ReadFile($"/proc/thread-self/net/{family.Word}_tables_names"));
            if (names.Length > 0) entries.AddRange(Save(driver, $"{tool}-legacy", family, IptablesBackend.Legacy));
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
    private static IEnumerable<Entry> Save(KernelDriver driver, string tool, IpFamily family, IptablesBackend backend)
    {
        try
        {
            var result = Run(driver, $"{tool}-save", "-c");
            if (result.Succeeded)
                return IptablesSave.Parse(result.Bytes, family, backend)
                    .Where(t => t.Chains.Any(c => !c.IsEmpty || c.Policy == "DROP"));
            return Unread(tool, backend, $"{tool}-save refused: {result.Error.Split('\n')[0]}");
        }
        catch (Exception e) when (e is SystemCallException or TimeoutException or FormatException)
        {
            return Unread(tool, backend, e.Message);
        }
    }

    // What iptables-nft keeps is in nft's listing too.
    private static IEnumerable<Entry> Unread(string tool, IptablesBackend backend, string why) =>
        backend == IptablesBackend.Nft ? [] : [new UnknownState(tool, why)];

    private static bool HasRules(NftTable table) => table.Chains.Any(c => c.Rules.Length > 0 || c.Hook?.Policy == "drop");

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
