using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>The fields of one packet by nft's names; null for what is not read.</summary>
internal static class NftFields
{
    public static NftField? Of(HookContext at, RuleState state, string name)
    {
        var packet = state.Packet;
        var v4 = packet.Family == IpFamily.V4;
        return name switch
        {
            "ip saddr" => v4 ? NftField.Of(packet.Source) : NftField.Missing,
            "ip daddr" => v4 ? NftField.Of(packet.Destination) : NftField.Missing,
            "ip6 saddr" => v4 ? NftField.Missing : NftField.Of(packet.Source),
            "ip6 daddr" => v4 ? NftField.Missing : NftField.Of(packet.Destination),
            "iifname" or "iif" => at.Input is null ? NftField.Missing : NftField.Of(at.Input),
            "oifname" or "oif" => at.Output is null ? NftField.Missing : NftField.Of(at.Output),
            "meta mark" or "mark" => NftField.Of(packet.Mark),
            "ct mark" => NftField.Of(state.Track.Mark),
            "ct state" => NftField.Of(at.StateOf(state)),
            "ct direction" => NftField.Of(state.Track.Answered is null ? "original" : "reply"),
            "meta nfproto" => NftField.Of(v4 ? "ipv4" : "ipv6"),
            "meta protocol" or "ether type" => NftField.Of(v4 ? "ip" : "ip6"),
            "meta l4proto" or "ip protocol" or "ip6 nexthdr" => NftField.Of(Protocol(packet)),
            "meta pkttype" => NftField.Of("unicast"),
            "tcp dport" or "tcp sport" => Port(packet, name, TransportProtocol.Tcp),
            "udp dport" or "udp sport" => Port(packet, name, TransportProtocol.Udp),
            "sctp dport" or "sctp sport" => Port(packet, name, TransportProtocol.Sctp),
            "th dport" or "th sport" => Port(packet, name, packet.Protocol),
            "tcp flags" => packet.Protocol == TransportProtocol.Tcp ? NftField.Of(at.IsReply ? 0x12u : 0x02u) : NftField.Missing,
            "icmp type" => packet.Protocol != TransportProtocol.Icmp || !v4 ? NftField.Missing
                : NftField.Of(at.IsReply ? "echo-reply" : "echo-request"),
            "icmpv6 type" => packet.Protocol != TransportProtocol.Icmp || v4 ? NftField.Missing
                : NftField.Of(at.IsReply ? "echo-reply" : "echo-request"),
            _ when name.StartsWith("ct original ", StringComparison.Ordinal) => Original(state, name[12..]),
            _ when name.StartsWith("fib ", StringComparison.Ordinal) => Fib(at, state, name),
            _ => null,
        };
    }

    /// <summary>The words of <c>ct status</c> that hold.</summary>
    public static IReadOnlyList<string> Status(RuleState state) =>
    [
        .. HookContext.IsTranslated(state, destination: true) ? ["dnat"] : Array.Empty<string>(),
        .. HookContext.IsTranslated(state, destination: false) ? ["snat"] : Array.Empty<string>(),
        .. state.Track.Answered is not null ? ["seen-reply", "assured", "confirmed"] : Array.Empty<string>(),
    ];

    private static string Protocol(Packet packet) =>
        packet.Protocol == TransportProtocol.Icmp && packet.Family == IpFamily.V6 ? "ipv6-icmp" : packet.Protocol.Word;

    private static NftField Port(Packet packet, string name, TransportProtocol protocol) =>
        packet.Protocol != protocol || !protocol.HasPorts
            ? NftField.Missing
            : NftField.Of(name.EndsWith("dport", StringComparison.Ordinal) ? packet.DestinationPort : (uint)packet.SourcePort);

    private static NftField? Original(RuleState state, string key)
    {
        if (!state.Track.Started) return NftField.Missing;
        var original = state.Track.Answered?.Original ?? state.Track.Original;
        return key switch
        {
            "ip saddr" or "ip6 saddr" or "saddr" => NftField.Of(original.Source),
            "ip daddr" or "ip6 daddr" or "daddr" => NftField.Of(original.Destination),
            "proto-src" => NftField.Of(original.SourcePort),
            "proto-dst" => NftField.Of(original.DestinationPort),
            "protocol" => NftField.Of(Protocol(original)),
            _ => null,
        };
    }

    // fib daddr type, fib saddr . iif oif: the flags, then what is asked.
    private static NftField? Fib(HookContext at, RuleState state, string name)
    {
        var words = name.Split([' ', '.'], StringSplitOptions.RemoveEmptyEntries)[1..];
        var flags = words[..^1];
        if (flags.Any(f => f is not ("saddr" or "daddr" or "iif" or "oif" or "mark"))) return null;
        var address = flags.Contains("saddr") ? state.Packet.Source : state.Packet.Destination;
        var device = flags.Contains("iif") ? at.Input : flags.Contains("oif") ? at.Output : null;
        if (words[^1] == "type") return NftField.Of(at.AddressType(address, device));
        if (words[^1] is not ("oif" or "oifname")) return null;
        var towards = at.DeviceTowards(address, flags.Contains("mark") ? state.Packet.Mark : 0);
        if (device is Flow.Local) towards = device;
        return NftField.Of(towards is null || (device is not null && towards != device) ? "missing" : towards);
    }
}
