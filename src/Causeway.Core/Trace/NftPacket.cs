using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Trace;

/// <summary>A packet as nftables rules see it. Matches answer yes, no, or null for "cannot tell".</summary>
/// <param name="State">The connection tracking state: <c>new</c>, <c>established</c> or <c>invalid</c>.</param>
internal sealed record NftPacket(Packet Packet, string? Input, string? Output, string State)
{
    private static readonly string[] Conditions = ["match"];

    /// <summary>What was not read, but can only narrow a rule, never change a packet.</summary>
    public static bool IsCondition(NftUnknown unknown) => HasHead(unknown, Conditions);

    public bool? Matches(NftTable table, NftMatch match)
    {
        if (Field(match.Field) is not { } field) return null;
        // A field of another protocol or family never matches, whatever the comparison.
        if (field.Absent) return false;
        var fits = Value(table, match.Value, field);
        return match.Operator switch
        {
            "==" or "in" => fits,
            "!=" => !fits,
            "<" or ">" or "<=" or ">=" => Compare(field, match.Operator, match.Value),
            _ => null,
        };
    }

    private readonly record struct FieldValue(IpAddress? Address, string Text, bool Absent = false);

    private FieldValue? Field(string name)
    {
        var v4 = Packet.Family == IpFamily.V4;
        return name switch
        {
            "ip saddr" => v4 ? new(Packet.Source, "") : Missing,
            "ip daddr" => v4 ? new(Packet.Destination, "") : Missing,
            "ip6 saddr" => v4 ? Missing : new(Packet.Source, ""),
            "ip6 daddr" => v4 ? Missing : new(Packet.Destination, ""),
            "iifname" or "iif" or "meta iifname" or "meta iif" => Input is null ? Missing : new(null, Input),
            "oifname" or "oif" or "meta oifname" or "meta oif" => Output is null ? Missing : new(null, Output),
            "meta mark" or "mark" => Number(Packet.Mark),
            "ct state" => new(null, State),
            "meta nfproto" => new(null, v4 ? "ipv4" : "ipv6"),
            "meta protocol" or "ether type" => new(null, v4 ? "ip" : "ip6"),
            "meta l4proto" or "ip protocol" or "ip6 nexthdr" => new(null, ProtocolWord),
            "tcp dport" or "tcp sport" => Port(name, TransportProtocol.Tcp),
            "udp dport" or "udp sport" => Port(name, TransportProtocol.Udp),
            "th dport" or "th sport" => Port(name, Packet.Protocol),
            _ => null,
        };
    }

    private static FieldValue Missing => new(null, "", Absent: true);

    private string ProtocolWord => Packet.Protocol == TransportProtocol.Icmp && Packet.Family == IpFamily.V6
        ? "ipv6-icmp"
        : Packet.Protocol.Word;

    private FieldValue Port(string name, TransportProtocol protocol) =>
        Packet.Protocol != protocol || protocol == TransportProtocol.Icmp
            ? Missing
            : Number(name.EndsWith("dport", StringComparison.Ordinal) ? Packet.DestinationPort : Packet.SourcePort);

    private static FieldValue Number(uint value) => new(null, value.ToString(CultureInfo.InvariantCulture));

    private static bool? Value(NftTable table, string value, FieldValue field)
    {
        value = value.Trim();
        if (value.StartsWith('@'))
        {
            var set = table.Sets.FirstOrDefault(s => s.Name == value[1..]);
            return set is null ? null : Any(set.Elements.Select(e => e.Key), field);
        }
        if (value.StartsWith('{') && value.EndsWith('}'))
            return Any(value[1..^1].Split(',', StringSplitOptions.TrimEntries
                | StringSplitOptions.RemoveEmptyEntries), field);
        return value.Contains(',') ? Any(value.Split(',', StringSplitOptions.TrimEntries), field) : One(value, field);
    }

    private static bool? Any(IEnumerable<string> values, FieldValue field)
    {
        bool? any = false;
        foreach (var value in values)
        {
            var one = One(value, field);
            if (one == true) return true;
            if (one is null) any = null;
        }
        return any;
    }

    private static bool? One(string value, FieldValue field)
    {
        value = value.Trim('"');
        if (field.Address is { } address) return Holds(value, address);
        if (value.EndsWith('*')) return field.Text.StartsWith(value[..^1], StringComparison.Ordinal);
        if (Read(field.Text) is not { } number) return Words(value) == Words(field.Text);
        var dash = value.IndexOf('-');
        if (dash > 0)
            return Read(value[..dash]) is { } low && Read(value[(dash + 1)..]) is { } high
                ? number >= low && number <= high
                : null;
        return Read(value) is { } wanted ? number == wanted : null;
    }

    private static bool? Holds(string value, IpAddress address)
    {
        if (IpAddress.TryParse(value, out var one)) return one == address;
        if (Prefix.TryParse(value, out var prefix)) return prefix.Contains(address);
        var dash = value.IndexOf('-');
        return dash > 0 && IpAddress.TryParse(value.AsSpan(0, dash), out var low)
            && IpAddress.TryParse(value.AsSpan(dash + 1), out var high)
            ? low.Family == address.Family && address.CompareTo(low) >= 0 && address.CompareTo(high) <= 0
            : null;
    }

    private static bool? Compare(FieldValue field, string @operator, string value) =>
        Read(field.Text) is { } left && Read(value) is { } right
            ? @operator switch
            {
                "<" => left < right,
                ">" => left > right,
                "<=" => left <= right,
                _ => left >= right,
            }
            : null;

    private static uint? Read(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, null, out var hex) ? hex : null
        : uint.TryParse(text, NumberStyles.None, null, out var number) ? number : null;

    private static string Words(string text) => text is "icmpv6" ? "ipv6-icmp" : text;

    private static bool HasHead(NftUnknown unknown, string[] heads) =>
        heads.Any(h => Compact(unknown).StartsWith($"{{\"{h}\":", StringComparison.Ordinal));

    private static string Compact(NftUnknown unknown) => unknown.Raw.Replace(" ", "", StringComparison.Ordinal);
}
