using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Dataplane.Iptables;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>Matches of iptables: yes, no, or null for "cannot tell".</summary>
internal static class IptablesConditions
{
    private const byte Syn = 0x02;
    private const byte SynAck = 0x12;

    public static bool? Fits(HookContext at, RuleState state, IptablesMatch match) =>
        Plain(at, state, match) is { } fits ? fits != match.Negated : null;

    private static bool? Plain(HookContext at, RuleState state, IptablesMatch match)
    {
        var packet = state.Packet;
        return match switch
        {
            IptablesAddress a => a.Prefix.Contains(a.Source ? packet.Source : packet.Destination),
            IptablesDevice d => Device(d.Name, d.Input ? at.Input : at.Output),
            IptablesProtocol p => p.Number == packet.Protocol.Number(packet.Family) || p.Number == 0,
            IptablesFragment => false,
            IptablesPorts p => Ports(packet, p),
            IptablesTcpFlags f => packet.Protocol == TransportProtocol.Tcp
                && ((at.IsReply ? SynAck : Syn) & f.Mask) == f.Wanted,
            IptablesIcmp i => Icmp(at, packet, i),
            IptablesAddressType t => AddressType(at, packet, t),
            IptablesState s => States(at, state, s),
            IptablesDirection d => state.Track is { Started: true, Untracked: false } && d.Reply == state.Track.Answered is not null,
            IptablesTuple t => Tuple(state, t),
            IptablesMark m => ((m.Connection ? state.Track.Mark : packet.Mark) & m.Mask) == m.Value,
            IptablesSetMatch s => InSet(at, packet, s.Set, [.. s.Sources]),
            // The trace is of a client that was not seen before.
            IptablesRecent r => r.Operation == "set",
            IptablesRange r => Within(r.Source ? packet.Source : packet.Destination, r),
            IptablesPacketType t => t.Type == "unicast",
            IptablesReversePath r => ReversePath(at, packet, r),
            _ => null,
        };
    }

    private static bool Device(string name, string? device) => device is not null
        ? name.EndsWith('+') ? device.StartsWith(name[..^1], StringComparison.Ordinal) : device == name
        // Where there is no device, its name is empty.
        : name is "+";

    private static bool Ports(Packet packet, IptablesPorts ports)
    {
        if (!packet.Protocol.HasPorts) return false;
        foreach (var range in ports.Ranges)
        {
            if (ports.Side != PortSide.Source && packet.DestinationPort >= range.First && packet.DestinationPort <= range.Last)
                return true;
            if (ports.Side != PortSide.Destination && packet.SourcePort >= range.First && packet.SourcePort <= range.Last)
                return true;
        }
        return false;
    }

    private static bool Icmp(HookContext at, Packet packet, IptablesIcmp icmp)
    {
        if (packet.Protocol != TransportProtocol.Icmp) return false;
        var type = packet.Family == IpFamily.V4 ? (at.IsReply ? 0 : 8) : at.IsReply ? 129 : 128;
        return icmp.Type == 255 || (icmp.Type == type && icmp.Code is null or 0);
    }

    private static bool AddressType(HookContext at, Packet packet, IptablesAddressType match)
    {
        var device = match.LimitIn ? at.Input : match.LimitOut ? at.Output : null;
        var type = at.AddressType(match.Source ? packet.Source : packet.Destination, device);
        return match.Types.Contains(type, StringComparer.OrdinalIgnoreCase);
    }

    private static bool? States(HookContext at, RuleState state, IptablesState match)
    {
        var now = at.StateOf(state);
        foreach (var word in match.States)
        {
            var fits = word switch
            {
                "DNAT" => HookContext.IsTranslated(state, destination: true),
                "SNAT" => HookContext.IsTranslated(state, destination: false),
                "status DNAT" => HookContext.IsTranslated(state, destination: true),
                "status SNAT" => HookContext.IsTranslated(state, destination: false),
                "status SEEN_REPLY" or "status ASSURED" or "status CONFIRMED" => state.Track.Answered is not null,
                "status NONE" => state.Track.Answered is null,
                "status EXPECTED" => false,
                _ => word.Equals(now, StringComparison.OrdinalIgnoreCase),
            };
            if (fits) return true;
        }
        return false;
    }

    private static bool? Tuple(RuleState state, IptablesTuple match)
    {
        if (!state.Track.Started) return false;
        var original = state.Track.Answered?.Original ?? state.Track.Original;
        return match.Option switch
        {
            "ctorigsrc" => Holds(match.Value, original.Source),
            "ctorigdst" => Holds(match.Value, original.Destination),
            "ctorigsrcport" => Holds(match.Value, original.SourcePort),
            "ctorigdstport" => Holds(match.Value, original.DestinationPort),
            "ctproto" => IptablesNames.Protocol(match.Value, original.Family) is { } number
                ? number == original.Protocol.Number(original.Family)
                : null,
            _ => null,
        };
    }

    private static bool? Holds(string value, IpAddress address) => IpAddress.TryParse(value, out var one) ? one == address
        : Prefix.TryParse(value, out var prefix) ? prefix.Contains(address) : null;

    private static bool? Holds(string value, ushort port)
    {
        var range = IptablesNames.Ports(value);
        return port >= range.First && port <= range.Last;
    }

    private static bool Within(IpAddress address, IptablesRange range) => range.First.Family == address.Family
        && address.CompareTo(range.First) >= 0 && address.CompareTo(range.Last) <= 0;

    private static bool? ReversePath(HookContext at, Packet packet, IptablesReversePath match)
    {
        if (at.Input is null or Flow.Local) return true;
        var back = at.DeviceTowards(packet.Source, match.ValidMark ? packet.Mark : 0);
        return back is not null && (match.Loose || back == at.Input);
    }

    private static bool? InSet(HookContext at, Packet packet, string name, bool[] sources)
    {
        if (at.Host.State.All<IpSet>().FirstOrDefault(s => s.Name == name) is not { } set) return null;
        var dimensions = set.Dimensions;
        if (dimensions[0] == "set")
        {
            bool? any = false;
            foreach (var member in set.Members.All)
            {
                var fits = InSet(at, packet, member.Text, sources);
                if (fits == true) return true;
                any = fits is null ? null : any;
            }
            return any;
        }
        // A set of the other family holds none of these addresses.
        if (dimensions.Length > sources.Length) return null;
        List<string> parts = [];
        for (var i = 0; i < dimensions.Length; i++)
        {
            if (Part(at, packet, dimensions[i], sources[i], set.Type) is not { } part) return null;
            parts.Add(part);
        }
        return set.Members.Find(parts.ToArray()) is { NoMatch: false };
    }

    private static string? Part(HookContext at, Packet packet, string dimension, bool source, string type)
    {
        var port = source ? packet.SourcePort : packet.DestinationPort;
        return dimension switch
        {
            "ip" or "net" => (source ? packet.Source : packet.Destination).ToString(),
            "port" when type == "bitmap:port" => packet.Protocol.HasPorts ? port.ToString(CultureInfo.InvariantCulture) : "",
            "port" => packet.Protocol.HasPorts ? $"{packet.Protocol.Word}:{port}" : "",
            "mark" => string.Create(CultureInfo.InvariantCulture, $"0x{packet.Mark:x8}"),
            "iface" => (source ? at.Input : at.Output) ?? "",
            _ => null,
        };
    }
}
