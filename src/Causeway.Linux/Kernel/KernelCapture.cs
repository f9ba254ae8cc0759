using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Linux.Kernel;

/// <summary>One reading of a kernel.</summary>
internal sealed class KernelCapture(KernelDriver driver)
{
    private static readonly EntryKind[] AllKinds = Enum.GetValues<EntryKind>();

    private readonly Dictionary<EntryKey, Entry> _entries = [];

    /// <summary>Of rulesets only our own table.</summary>
    public bool OnlyOurTable { get; init; }

    public DataplaneState Read(IReadOnlyCollection<EntryKind> kinds)
    {
        if (kinds.Count == 0) kinds = AllKinds;
        driver.RefreshNames();
        var links = kinds.Any(k => k is EntryKind.Link or EntryKind.Sysctl or EntryKind.Unknown)
            ? ReadLinks()
            : [];
        if (kinds.Contains(EntryKind.Link)) Add(links);
        foreach (var kind in kinds.Order()) Read(kind, links);
        return DataplaneState.Of(_entries.Values);
    }

    private void Read(EntryKind kind, List<Link> links)
    {
        var (socket, names) = (driver.Socket, driver.Names);
        switch (kind)
        {
            case EntryKind.LinkAddress:
                Add(socket.Dump(
                    "cannot list addresses", AddressCodec.WriteDump, p => AddressCodec.Read(p, names)));
                break;
            case EntryKind.Route:
                Add(socket.Dump("cannot list routes", RouteCodec.WriteDump, p => RouteCodec.Read(p, names)));
                break;
            case EntryKind.Rule:
                foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
                {
                    Add(socket.Dump(
                        "cannot list rules", w => RuleCodec.WriteDump(w, family), RuleCodec.Read));
                }
                break;
            case EntryKind.Neighbour:
                foreach (var proxies in new[] { false, true })
                {
                    Add(socket.Dump(
                        "cannot list neighbours", w => NeighbourCodec.WriteDump(w, proxies),
                        p => NeighbourCodec.Read(p, names)));
                }
                break;
            case EntryKind.Fdb:
                Add(socket.Dump(
                    "cannot list forwarding entries", NeighbourCodec.WriteFdbDump,
                    p => NeighbourCodec.Read(p, names)));
                break;
            case EntryKind.Sysctl:
                Add(driver.Inside(() => Sysctls.Read(links.Select(l => l.Name))));
                break;
            case EntryKind.NftTable:
                Add(OnlyOurTable ? driver.OwnTable.Read() : PacketFilters.Read(driver));
                break;
            case EntryKind.IptablesTable:
                // Those of iptables-nft came with nftables'.
                Add(IptablesCapture.Legacy(driver));
                break;
            case EntryKind.IpSet:
                Add(IptablesCapture.Sets(driver));
                break;
            case EntryKind.VirtualServer:
                Add(IptablesCapture.VirtualServers(driver));
                break;
            case EntryKind.Unknown:
                Add(DeviceFilters.Read(driver, links));
                break;
        }
    }

    private List<Link> ReadLinks() => driver.Socket.Dump(
        "cannot list devices", LinkCodec.WriteDump, p => LinkCodec.Read(p, driver.Names));

    /// <summary>Where the kernel holds two for one place (IPv4 routes appended to one another), the first
    /// decides over packets.</summary>
    private void Add(IEnumerable<Entry> entries)
    {
        foreach (var entry in entries) _entries.TryAdd(entry.Key, entry);
    }
}
