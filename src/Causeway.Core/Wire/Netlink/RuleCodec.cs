using System.Runtime.InteropServices;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Wire.Netlink;

/// <summary>Policy routing rules: struct fib_rule_hdr and FRA_* (linux/fib_rules.h).</summary>
public static class RuleCodec
{
    internal const int BodyBytes = 12;

    private const uint Inverted = 0x2;

    private const int To = 1;
    private const int From = 2;
    private const int InputName = 3;
    private const int Goto = 4;
    private const int Priority = 6;
    private const int Mark = 10;
    private const int SuppressGroup = 13;
    private const int SuppressLength = 14;
    private const int Table = 15;
    private const int MarkMask = 16;
    private const int OutputName = 17;
    private const int L3MasterDevice = 19;
    private const int Protocol = 21;

    private static readonly Dictionary<int, string> UnreadSelectors = new()
    {
        [11] = "realms", [12] = "tun_id", [20] = "uidrange", [22] = "ipproto", [23] = "sport", [24] = "dport",
        [25] = "dscp", [26] = "flowlabel", [27] = "flowlabel",
    };

    public static void WriteDump(NetlinkWriter writer, IpFamily family)
    {
        writer.Begin(NetlinkType.GetRule, NetlinkFlags.Dump);
        writer.Reserve(BodyBytes)[0] = Family.Of(family);
        writer.End();
    }

    public static void WriteAdd(NetlinkWriter writer, Rule rule)
    {
        writer.Begin(NetlinkType.NewRule, NetlinkFlags.Create | NetlinkFlags.Exclusive | NetlinkFlags.Ack);
        Write(writer, rule);
        writer.End();
    }

    public static void WriteDelete(NetlinkWriter writer, Rule rule)
    {
        writer.Begin(NetlinkType.DeleteRule, NetlinkFlags.Ack);
        Write(writer, rule);
        writer.End();
    }

    /// <summary>Reads RTM_NEWRULE or RTM_DELRULE; null for another family.</summary>
    public static Rule? Read(ReadOnlySpan<byte> payload)
    {
        var attributes = NetlinkAttributes.After(payload, BodyBytes);
        if (Family.Read(payload[0]) is not { } family) return null;
        var (toLength, fromLength, tos) = (payload[1], payload[2], payload[3]);
        if (toLength > family.Bits || fromLength > family.Bits)
            throw new NetlinkFormatException($"a rule from /{fromLength} to /{toLength}");
        var rule = new Rule
        {
            Family = family,
            Priority = 0,
            Action = (RuleAction)payload[7],
            Table = payload[4],
            Invert = (MemoryMarshal.Read<uint>(payload[8..]) & Inverted) != 0,
            Unknown = tos == 0 ? null : $"tos {tos}",
        };
        foreach (var attribute in attributes)
        {
            rule = attribute.Type switch
            {
                To => rule with { To = Network(attribute, toLength, family) },
                From => rule with { From = Network(attribute, fromLength, family) },
                _ => ReadAttribute(rule, attribute),
            };
        }
        return rule;
    }

    private static Rule ReadAttribute(Rule rule, NetlinkAttribute attribute) => attribute.Type switch
    {
        InputName => rule with { InputDevice = attribute.Text },
        OutputName => rule with { OutputDevice = attribute.Text },
        Goto => rule with { Table = attribute.U32 },
        Priority => rule with { Priority = attribute.U32 },
        Mark => rule with { Mark = attribute.U32 },
        MarkMask => rule with { MarkMask = attribute.U32 },
        Table => rule.Action == RuleAction.Goto ? rule : rule with { Table = attribute.U32 },
        Protocol => rule with { Protocol = attribute.U8 },
        SuppressLength when attribute.I32 >= 0 => AddUnknown(rule, $"suppress_prefixlength {attribute.I32}"),
        SuppressGroup when attribute.I32 >= 0 => AddUnknown(rule, $"suppress_ifgroup {attribute.I32}"),
        L3MasterDevice when attribute.U8 != 0 => AddUnknown(rule, "l3mdev"),
        var type when UnreadSelectors.TryGetValue(type, out var word) =>
            AddUnknown(rule, $"{word} {Convert.ToHexStringLower(attribute.Value)}"),
        _ => rule,
    };

    private static Rule AddUnknown(Rule rule, string words) =>
        rule with { Unknown = rule.Unknown is null ? words : $"{rule.Unknown} {words}" };

    private static Prefix Network(NetlinkAttribute attribute, int length, IpFamily family) =>
        attribute.Address is { } address && address.Family == family
            ? Prefix.Of(address, length)
            : throw new NetlinkFormatException("a rule's selector of another family");

    private static void Write(NetlinkWriter writer, Rule rule)
    {
        if (rule.Unknown is not null)
            throw new ArgumentException($"a rule with '{rule.Unknown}' cannot be written", nameof(rule));
        var body = writer.Reserve(BodyBytes);
        body[0] = Family.Of(rule.Family);
        body[1] = (byte)(rule.To?.Length ?? 0);
        body[2] = (byte)(rule.From?.Length ?? 0);
        body[7] = (byte)rule.Action;
        uint flags = rule.Invert ? Inverted : 0;
        MemoryMarshal.Write(body[8..], in flags);
        if (rule.To is { } to) writer.Address(To, to.Address);
        if (rule.From is { } from) writer.Address(From, from.Address);
        writer.U32(Priority, rule.Priority);
        if (rule.Action == RuleAction.Goto) writer.U32(Goto, rule.Table);
        else if (rule.Action == RuleAction.Lookup) writer.U32(Table, rule.Table);
        if (rule.MarkMask != 0)
        {
            writer.U32(Mark, rule.Mark);
            writer.U32(MarkMask, rule.MarkMask);
        }
        if (rule.InputDevice is { } input) writer.Text(InputName, input);
        if (rule.OutputDevice is { } output) writer.Text(OutputName, output);
        if (rule.Protocol != 0) writer.U8(Protocol, rule.Protocol);
    }
}
