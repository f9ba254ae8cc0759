using System.Collections.Immutable;
using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Wire.Netlink;

/// <summary>The statements of one rule, in order, as steps of the kernel. With what nft adds without saying so: before a
/// field comes the question whether the packet has it.</summary>
/// <param name="inet">In a table of family inet; else packets are of the table's family.</param>
internal sealed class NftStatementWriter(NftRuleWriter rule, bool inet)
{
    private const byte Tcp = 6;

    private IpFamily? _family = inet ? null : rule.Family;
    private byte? _protocol;

    /// <summary>Throws <see cref="NotSupportedException"/> for what is not known here.</summary>
    public void Write(NftStatement statement)
    {
        switch (statement)
        {
            case NftMatch match when Match(match): break;
            case NftVerdict { Verdict: "jump", Chain: { } chain }: rule.Jump(chain); break;
            case NftVerdict { Verdict: "goto", Chain: { } chain }: rule.Goto(chain); break;
            case NftVerdict { Verdict: "drop" }: rule.Decide(0); break;
            case NftVerdict { Verdict: "accept" }: rule.Decide(1); break;
            case NftVerdict { Verdict: "return" }: rule.Decide(-5); break;
            case NftVerdictMap { Map.Name: { } map } lookup when LoadKey(lookup.Key): rule.MapVerdict(0, map); break;
            case NftAssign { Field: "meta mark", Value: { Map: null, Expression: var mark } } when ChangeMark(mark): break;
            case NftMasquerade { Ports: null } masquerade when Flags(masquerade.Flags) is { } flags: rule.Masquerade(flags); break;
            case NftReject { With: { } with } when Reject(with): break;
            case NftNotrack: rule.Untrack(); break;
            case NftCounter: rule.Count(); break;
            default: throw NftTableWriter.Unknown(NftStatementText.Print(statement));
        }
    }

    private bool Match(NftMatch match)
    {
        switch (match)
        {
            case ("ct state", "in", "new"): rule.RequireConnection(NftRuleWriter.Connection.State, 8); return true;
            case ("ct status", "in", "dnat"): rule.RequireConnection(NftRuleWriter.Connection.Status, 32); return true;
            case ("fib daddr type", "==", "local"): rule.RequireLocal(source: false); return true;
            case (_, "!=", "0") when Number(match.Field, "meta mark & 0x") is { } bits: rule.RequireMarkBits(bits); return true;
        }
        if (match.Operator is not ("==" or "!=")) return false;
        var equal = match.Operator == "==";
        if (match.Value is ['@', .. var set])
        {
            if (!LoadKey(match.Field)) return false;
            rule.RequireMember(0, set, equal);
            return true;
        }
        return Address(match.Field) is { } field ? RequireAddress(field, match.Value, equal) : equal && RequirePort(match);
    }

    private bool RequireAddress((IpFamily Family, bool Source) field, string value, bool equal)
    {
        Prefix prefix;
        if (IpAddress.TryParse(value, out var address)) prefix = address.Host;
        else if (!Prefix.TryParse(value, out prefix)) return false;
        if (prefix.Family != field.Family || !Expect(field.Family)) return false;
        rule.RequireAddress(prefix, field.Source, equal);
        return true;
    }

    private bool RequirePort(NftMatch match)
    {
        if (!ushort.TryParse(match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        (byte Protocol, bool Source) field;
        switch (match.Field)
        {
            case "tcp sport": field = (Tcp, true); break;
            case "tcp dport": field = (Tcp, false); break;
            case "udp sport": field = (17, true); break;
            case "udp dport": field = (17, false); break;
            default: return false;
        }
        if (!ExpectProtocol(field.Protocol)) return false;
        rule.RequirePort(port, field.Source);
        return true;
    }

    /// <summary>Loads a key, part by part, from the first register on.</summary>
    private bool LoadKey(string key)
    {
        var parts = key.Split(" . ");
        // Such questions take the first register.
        foreach (var part in parts)
            if (Address(part) is { } field && !Expect(field.Family)) return false;
        var register = 0;
        foreach (var part in parts)
        {
            if (Address(part) is { } field)
            {
                rule.LoadAddress(register, field.Family, field.Source);
                register += field.Family.Bytes / sizeof(uint);
            }
            else if (part == "meta l4proto") rule.LoadProtocol(register++);
            else if (part == "th dport") rule.LoadDestinationPort(register++);
            else return false;
        }
        return true;
    }

    private bool ChangeMark(string mark)
    {
        if (Number(mark, "meta mark & 0x") is { } kept) rule.ChangeMark(0, kept, 0);
        else if (Number(mark, "meta mark | 0x") is { } set) rule.SetMarkBits(0, set);
        else return false;
        return true;
    }

    private bool Reject(string with)
    {
        // In a table of both families each answer has its own.
        if (inet) return false;
        switch (with)
        {
            case "tcp reset" when ExpectProtocol(Tcp): rule.Reject(1, 0); return true;
            case "icmp port-unreachable" when _family == IpFamily.V4: rule.Reject(0, 3); return true;
            case "icmpv6 port-unreachable" when _family == IpFamily.V6: rule.Reject(0, 4); return true;
            default: return false;
        }
    }

    private bool Expect(IpFamily family)
    {
        if (_family is null) rule.RequireFamily(family);
        return (_family ??= family) == family;
    }

    private bool ExpectProtocol(byte protocol)
    {
        if (_protocol is null) rule.RequireProtocol(protocol);
        return (_protocol ??= protocol) == protocol;
    }

    private static (IpFamily Family, bool Source)? Address(string field) => field switch
    {
        "ip saddr" => (IpFamily.V4, true),
        "ip daddr" => (IpFamily.V4, false),
        "ip6 saddr" => (IpFamily.V6, true),
        "ip6 daddr" => (IpFamily.V6, false),
        _ => null,
    };

    private static uint? Number(string text, string before) => text.StartsWith(before, StringComparison.Ordinal)
        && uint.TryParse(text.AsSpan(before.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    // NF_NAT_RANGE_PROTO_*.
    private static int? Flags(ImmutableArray<string> flags)
    {
        var bits = 0;
        foreach (var flag in flags)
        {
            if (flag != "fully-random") return null;
            bits |= 16;
        }
        return bits;
    }
}
