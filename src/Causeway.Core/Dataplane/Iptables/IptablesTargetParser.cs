using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary><c>-j TARGET</c> with its options.</summary>
internal static class IptablesTargetParser
{
    public static IptablesTarget Parse(string segment, IpFamily family, Func<string, bool> isChain)
    {
        var options = IptablesOption.Split(segment, out var name);
        if (name is not null && isChain(name))
            return new IptablesJump(name, segment.StartsWith("-g", StringComparison.Ordinal));
        try
        {
            return Read(name, options, segment, family) ?? new IptablesUnknown(segment);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return new IptablesUnknown(segment);
        }
    }

    private static IptablesTarget? Read(string? name, List<IptablesOption> options, string segment, IpFamily family)
    {
        string? Of(string option) => options.Find(o => o.Name == option)?.Value;
        bool Has(string option) => options.Exists(o => o.Name == option);
        return name switch
        {
            "ACCEPT" or "DROP" or "RETURN" => new IptablesVerdict(name),
            "REJECT" => new IptablesReject(Of("--reject-with")
                ?? (family == IpFamily.V4 ? "icmp-port-unreachable" : "icmp6-port-unreachable")),
            "DNAT" when Of("--to-destination") is { } to => Nat(true, to, options),
            "SNAT" when Of("--to-source") is { } to => Nat(false, to, options),
            "MASQUERADE" => new IptablesMasquerade(
                Of("--to-ports") is { } ports ? IptablesNames.Ports(ports) : null, Has("--random-fully")),
            "REDIRECT" => new IptablesRedirect(Of("--to-ports") is { } ports ? IptablesNames.Ports(ports) : null),
            "NETMAP" when Of("--to") is { } to => new IptablesNetmap(Prefix.Parse(to)),
            "MARK" => Mark(options, connection: false),
            "CONNMARK" when Has("--save-mark") || Has("--restore-mark") => Copy(Has("--save-mark"), options),
            "CONNMARK" => Mark(options, connection: true),
            "NOTRACK" => new IptablesNotrack(),
            "CT" when Has("--notrack") => new IptablesNotrack(),
            "CT" when !Has("--zone") && !Has("--zone-orig") && !Has("--zone-reply") => new IptablesNote(segment),
            "LOG" or "NFLOG" or "TRACE" or "TCPMSS" or "SET" or "CHECKSUM" or "DSCP" or "TOS" or "CLASSIFY"
                or "AUDIT" or "RATEEST" or "SECMARK" or "CONNSECMARK" => new IptablesNote(segment),
            _ => null,
        };
    }

    private static IptablesNat Nat(bool destination, string to, List<IptablesOption> options)
    {
        var (address, ports) = Divide(to);
        var dash = address.IndexOf('-');
        IpAddress? first = address.Length == 0 ? null : IpAddress.Parse(dash < 0 ? address : address.AsSpan(0, dash));
        var last = dash < 0 ? first : IpAddress.Parse(address.AsSpan(dash + 1));
        return new(destination, first, last, ports.Length == 0 ? null : IptablesNames.Ports(ports.Split('/')[0]))
        {
            Flags = [.. options.Where(o => o.Name is "--random" or "--random-fully" or "--persistent").Select(o => o.Name[2..])],
        };
    }

    // 10.0.0.1:80, [fd00::1]:80, fd00::1-fd00::2, :8080.
    private static (string Address, string Ports) Divide(string to)
    {
        if (to.StartsWith('['))
        {
            var close = to.IndexOf(']');
            if (close < 0) throw new FormatException("a bracket is not closed");
            return (to[1..close], to.Length > close + 2 ? to[(close + 2)..] : "");
        }
        var colon = to.IndexOf(':');
        return colon < 0 || to.IndexOf(':', colon + 1) >= 0 ? (to, "") : (to[..colon], to[(colon + 1)..]);
    }

    private static IptablesSetMark? Mark(List<IptablesOption> options, bool connection)
    {
        if (options is not [var option]) return null;
        var (value, mask) = IptablesNames.Mark(option.Value);
        return option.Name switch
        {
            "--set-xmark" => new(value, mask, connection),
            "--set-mark" => new(value, mask | value, connection),
            "--or-mark" => new(value, value, connection),
            "--and-mark" => new(0, ~value, connection),
            "--xor-mark" => new(value, 0, connection),
            _ => null,
        };
    }

    private static IptablesCopyMark Copy(bool save, List<IptablesOption> options)
    {
        uint Of(params string[] names) => options.Find(o => names.Contains(o.Name)) is { } option
            ? IptablesNames.Mark(option.Value).Value
            : uint.MaxValue;
        return new(save, Of("--nfmask", "--mask"), Of("--ctmask", "--mask"));
    }
}
