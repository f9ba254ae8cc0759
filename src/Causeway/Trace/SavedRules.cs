using System.Text;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Ipvs;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Trace;

namespace Causeway.Trace;

/// <summary>
/// A world of one node, of which nothing is known but its rules: what iptables-save, ip6tables-save, ipset save,
/// ipvsadm -Sn (or /proc/net/ip_vs) and nft -j list ruleset said on it. All else is supposed: one device, by which
/// everything is reached.
/// </summary>
internal static class SavedRules
{
    public const string Node = "saved";

    private const string Device = "eth0";

    // Addresses of nobody (RFC 5737, RFC 3849), for a node that did not say its own.
    private static readonly IpAddress[] Nameless = [IpAddress.Parse("192.0.2.1"), IpAddress.Parse("2001:db8::1")];

    /// <summary>Throws <see cref="InputException"/> that names the file that cannot be read, and why.</summary>
    /// <param name="local">Addresses of the node itself; none: it is given one of nobody.</param>
    public static World Read(IEnumerable<string> files, IReadOnlyList<IpAddress> local)
    {
        var rules = files.SelectMany(file => Parse(file, ReadFile(file))).ToList();
        // What one file leaves out may stand in another.
        var nftables = rules.OfType<NftTable>().Select(t => NameOf(t.Family, t.Name)).ToHashSet(StringComparer.Ordinal);
        rules.RemoveAll(entry => entry is UnknownState gap && nftables.Contains(gap.Name));
        IEnumerable<Entry> supposed =
        [
            new Link { Name = "lo", Kind = "", Up = true, Carrier = true, Index = 1 },
            new Link { Name = Device, Kind = "", Up = true, Carrier = true, Index = 2, Mtu = 1500 },
            new Sysctl("net/ipv4/ip_forward", "1"), new Sysctl("net/ipv6/conf/all/forwarding", "1"),
            .. Nameless.Select(a => a.Family).SelectMany(family => Addresses(family, local)),
            .. Nameless.Select(a => new Route { Destination = Prefix.Default(a.Family), Device = Device, Scope = Scope.Link }),
        ];
        return World.Of([new Host
        {
            Name = Node, Kind = HostKind.Node, Planned = true, State = KernelImplied.Complete(DataplaneState.Of([.. supposed, .. rules])),
        }]);
    }

    private static IEnumerable<Entry> Addresses(IpFamily family, IReadOnlyList<IpAddress> local) => local
        .Where(a => a.Family == family).DefaultIfEmpty(Nameless.First(a => a.Family == family))
        .Select(a => new LinkAddress { Device = Device, Address = new InterfaceAddress(a, a.Family.Bits) });

    private static IReadOnlyList<Entry> Parse(string file, byte[] text)
    {
        var first = text.AsSpan().TrimStart(" \t\r\n"u8);
        try
        {
            if (first.StartsWith("{"u8)) return NftJson.Parse(text);
            if (first.StartsWith("create "u8)) return IpsetSave.Parse(Encoding.UTF8.GetString(text));
            if (first.StartsWith("IP Virtual Server"u8) || first.StartsWith("-A -"u8))
                return IpvsText.Parse(Encoding.UTF8.GetString(text));
            return Iptables(text, FamilyOf(text));
        }
        catch (FormatException e)
        {
            throw new InputException(
                $"{file}: not what iptables-save, ipset save, ipvsadm -Sn or nft -j list ruleset print: {e.Message}", e);
        }
    }

    private static IReadOnlyList<Entry> Iptables(byte[] text, IpFamily family) =>
    [
        .. IptablesSave.Parse(text, family),
        .. IptablesGap.In(text).Select(gap => new UnknownState(NameOf(family.Word, gap.Table ?? "legacy"), gap.Words)),
    ];

    // As FilterHop knows whose packets it concerns.
    private static string NameOf(string family, string table) => (family == "ip" ? "iptables " : "ip6tables ") + table;

    // Only rules of IPv6 have addresses with colons.
    private static IpFamily FamilyOf(ReadOnlySpan<byte> text)
    {
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            var at = line.IndexOf(" -s "u8);
            if (at < 0) at = line.IndexOf(" -d "u8);
            if (at < 0) continue;
            var value = line[(at + 4)..];
            var end = value.IndexOf((byte)' ');
            return (end < 0 ? value : value[..end]).Contains((byte)':') ? IpFamily.V6 : IpFamily.V4;
        }
        return IpFamily.V4;
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            return InUtf8(file == "-" ? ReadInput() : File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--rules {file}: {e.Message}", e);
        }
    }

    private static byte[] ReadInput()
    {
        using var input = Console.OpenStandardInput();
        using MemoryStream all = new();
        input.CopyTo(all);
        return all.ToArray();
    }

    // Shells of Windows save with a byte order mark, and in UTF-16.
    private static byte[] InUtf8(byte[] text) => text is [0xff, 0xfe, ..] or [0xfe, 0xff, ..] or [0xef, 0xbb, 0xbf, ..]
        ? Encoding.UTF8.GetBytes(new StreamReader(new MemoryStream(text), detectEncodingFromByteOrderMarks: true).ReadToEnd())
        : text;
}
