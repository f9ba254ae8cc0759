using System.Collections.Immutable;
using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>One segment of a rule: a plain option, or a module with its options.</summary>
internal static class IptablesMatchParser
{
    private static readonly string[] TcpFlagNames = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"];

    public static ImmutableArray<IptablesMatch> Parse(string segment, IpFamily family)
    {
        var options = IptablesOption.Split(segment, out var module);
        try
        {
            if (Whole(module, options) is { } whole) return [whole];
            var matches = ImmutableArray.CreateBuilder<IptablesMatch>(options.Count);
            foreach (var option in options)
            {
                // Limits belong to the type beside them.
                if (option.Name is "--limit-iface-in" or "--limit-iface-out") continue;
                if (One(module, option, options, family) is not { } match) return [new IptablesCondition(segment)];
                matches.Add(option.Negated ? match with { Negated = true } : match);
            }
            return matches.Count > 0 || module is null or "tcp" or "udp" or "sctp" or "icmp" or "icmp6"
                ? matches.ToImmutable()
                : [new IptablesCondition(segment)];
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return [new IptablesCondition(segment)];
        }
    }

    // Modules whose options make one condition together.
    private static IptablesMatch? Whole(string? module, List<IptablesOption> options)
    {
        string? Of(string name) => options.Find(o => o.Name == name)?.Value;
        bool Has(string name) => options.Exists(o => o.Name == name);
        switch (module)
        {
            case "statistic" when Of("--probability") is { } share:
                return new IptablesStatistic(double.Parse(share, CultureInfo.InvariantCulture)) { Negated = Not("--probability") };
            case "statistic" when Of("--every") is { } every:
                return new IptablesStatistic(1.0 / int.Parse(every, CultureInfo.InvariantCulture)) { Negated = Not("--every") };
            case "recent" when !Has("--hitcount") || Has("--rcheck") || Has("--update"):
                var operation = options.Find(o => o.Name is "--set" or "--rcheck" or "--update" or "--remove");
                return operation is null ? null : new IptablesRecent(operation.Name[2..], Of("--name") ?? "DEFAULT",
                    Of("--seconds") is { } seconds ? int.Parse(seconds, CultureInfo.InvariantCulture) : null)
                {
                    Negated = operation.Negated,
                };
            case "rpfilter" when options.TrueForAll(o =>
                o.Name is "--loose" or "--validmark" or "--accept-local" or "--invert"):
                return new IptablesReversePath(Has("--loose"), Has("--validmark"), Has("--accept-local")) { Negated = Has("--invert") };
            default:
                return null;
        }
        bool Not(string name) => options.Find(o => o.Name == name)!.Negated;
    }

    private static IptablesMatch? One(
        string? module, IptablesOption option, List<IptablesOption> all, IpFamily family) => (module, option.Name) switch
    {
        (null, "-s") => new IptablesAddress(true, PrefixOf(option.Value)),
        (null, "-d") => new IptablesAddress(false, PrefixOf(option.Value)),
        (null, "-i") => new IptablesDevice(true, option.Value),
        (null, "-o") => new IptablesDevice(false, option.Value),
        (null, "-p") => IptablesNames.Protocol(option.Value, family) is { } number ? new IptablesProtocol(number) : null,
        (null, "-f") => new IptablesFragment(),
        ("tcp" or "udp" or "sctp", "--dport") => Ports(PortSide.Destination, option.Value),
        ("tcp" or "udp" or "sctp", "--sport") => Ports(PortSide.Source, option.Value),
        ("multiport", "--dports") => Ports(PortSide.Destination, option.Value),
        ("multiport", "--sports") => Ports(PortSide.Source, option.Value),
        ("multiport", "--ports") => Ports(PortSide.Either, option.Value),
        ("tcp", "--tcp-flags") => new IptablesTcpFlags(Flags(option.Words[0]), Flags(option.Words[1])),
        ("tcp", "--syn") => new IptablesTcpFlags(0x17, 0x02),
        ("icmp" or "icmp6", "--icmp-type" or "--icmpv6-type") => Icmp(option.Value, family),
        ("addrtype", "--src-type" or "--dst-type") => new IptablesAddressType(
            option.Name == "--src-type", [.. option.Value.Split(',')],
            all.Exists(o => o.Name == "--limit-iface-in"), all.Exists(o => o.Name == "--limit-iface-out")),
        ("conntrack" or "state", "--ctstate" or "--state") => new IptablesState([.. option.Value.Split(',')]),
        ("conntrack", "--ctstatus") => new IptablesState([.. option.Value.Split(',').Select(s => "status " + s)]),
        ("conntrack", "--ctdir") => new IptablesDirection(option.Value == "REPLY"),
        ("conntrack", "--ctproto" or "--ctorigsrc" or "--ctorigdst" or "--ctorigsrcport" or "--ctorigdstport"
            or "--ctreplsrc" or "--ctrepldst") => new IptablesTuple(option.Name[2..], option.Value),
        ("mark" or "connmark", "--mark") => Mark(option.Value, module == "connmark"),
        ("set", "--match-set") => new IptablesSetMatch(
            option.Words[0], [.. option.Words[1].Split(',').Select(d => d == "src")]),
        ("iprange", "--src-range" or "--dst-range") => Range(option),
        ("pkttype", "--pkt-type") => new IptablesPacketType(option.Value.ToLowerInvariant()),
        _ => null,
    };

    private static Prefix PrefixOf(string text) =>
        IpAddress.TryParse(text, out var address) ? address.Host : Prefix.Parse(text);

    private static IptablesPorts Ports(PortSide side, string list) =>
        new(side, [.. list.Split(',').Select(IptablesNames.Ports)]);

    private static byte Flags(string list) => list switch
    {
        "ALL" => 0x3f,
        "NONE" => 0,
        _ => (byte)list.Split(',').Sum(f => Array.IndexOf(TcpFlagNames, f) is >= 0 and var bit
            ? 1 << bit
            : throw new FormatException($"'{f}' is no TCP flag")),
    };

    private static IptablesIcmp? Icmp(string text, IpFamily family)
    {
        if (text == "any") return new(255, null);
        var parts = text.Split('/');
        if (!byte.TryParse(parts[0], out var type))
        {
            if (parts[0] is "echo-request") type = family == IpFamily.V4 ? (byte)8 : (byte)128;
            else if (parts[0] is "echo-reply") type = family == IpFamily.V4 ? (byte)0 : (byte)129;
            else return null;
        }
        return new(type, parts.Length > 1 ? byte.Parse(parts[1], CultureInfo.InvariantCulture) : null);
    }

    private static IptablesMark Mark(string text, bool connection)
    {
        var (value, mask) = IptablesNames.Mark(text);
        return new(value, mask, connection);
    }

    private static IptablesRange Range(IptablesOption option)
    {
        var ends = option.Value.Split('-');
        return new(option.Name == "--src-range", IpAddress.Parse(ends[0]), IpAddress.Parse(ends[^1]));
    }
}
