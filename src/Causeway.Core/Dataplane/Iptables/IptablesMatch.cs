using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>One condition of a rule.</summary>
public abstract record IptablesMatch
{
    /// <summary>An exclamation mark stood before it.</summary>
    public bool Negated { get; init; }
}

/// <summary><c>-s</c>, <c>-d</c>.</summary>
public sealed record IptablesAddress(bool Source, Prefix Prefix) : IptablesMatch;

/// <summary><c>-i</c>, <c>-o</c>; a plus sign at the end stands for any rest.</summary>
public sealed record IptablesDevice(bool Input, string Name) : IptablesMatch;

/// <summary><c>-p</c>, by number.</summary>
public sealed record IptablesProtocol(byte Number) : IptablesMatch;

/// <summary><c>-f</c>: fragments behind the first.</summary>
public sealed record IptablesFragment : IptablesMatch;

public enum PortSide : byte
{
    Source,
    Destination,
    Either,
}

/// <summary>First to last, both included.</summary>
public readonly record struct PortRange(ushort First, ushort Last);

/// <summary><c>--dport</c>, <c>--sport</c>, and the lists of multiport.</summary>
public sealed record IptablesPorts(PortSide Side, ImmutableArray<PortRange> Ranges) : IptablesMatch;

/// <summary><c>--tcp-flags MASK WANTED</c>, as the bits of the TCP header.</summary>
public sealed record IptablesTcpFlags(byte Mask, byte Wanted) : IptablesMatch;

/// <summary>An ICMP or ICMPv6 type, 255 for any, with or without a code.</summary>
public sealed record IptablesIcmp(byte Type, byte? Code) : IptablesMatch;

/// <summary>addrtype: whose address it is, by the routes. At most one of the limits is set.</summary>
/// <param name="Types"><c>LOCAL</c>, <c>UNICAST</c>, ...</param>
public sealed record IptablesAddressType(bool Source, ImmutableArray<string> Types, bool LimitIn, bool LimitOut)
    : IptablesMatch;

/// <summary>conntrack and state: any of <c>NEW</c>, <c>ESTABLISHED</c>, <c>DNAT</c>, ...</summary>
public sealed record IptablesState(ImmutableArray<string> States) : IptablesMatch;

/// <summary><c>--ctdir</c>.</summary>
public sealed record IptablesDirection(bool Reply) : IptablesMatch;

/// <summary>A part of the connection's own addresses: <c>--ctorigdst</c>, <c>--ctorigdstport</c>, <c>--ctproto</c>.</summary>
/// <param name="Option">Without the dashes.</param>
public sealed record IptablesTuple(string Option, string Value) : IptablesMatch;

/// <summary>mark and connmark: the mark under the mask has this value.</summary>
public sealed record IptablesMark(uint Value, uint Mask, bool Connection) : IptablesMatch;

/// <summary>set: the packet's parts, in the order of <paramref name="Sources"/>, are in the set.</summary>
/// <param name="Sources">For each dimension whether it is the source.</param>
public sealed record IptablesSetMatch(string Set, ImmutableArray<bool> Sources) : IptablesMatch;

/// <summary>statistic: the share of packets that fits.</summary>
public sealed record IptablesStatistic(double Probability) : IptablesMatch;

/// <summary>recent: whether the source was seen.</summary>
/// <param name="Operation"><c>set</c>, <c>rcheck</c>, <c>update</c> or <c>remove</c>.</param>
/// <param name="Seconds">How long it counts; null for ever.</param>
public sealed record IptablesRecent(string Operation, string Name, int? Seconds) : IptablesMatch;

/// <summary>iprange.</summary>
public sealed record IptablesRange(bool Source, IpAddress First, IpAddress Last) : IptablesMatch;

/// <summary>pkttype, in small letters.</summary>
public sealed record IptablesPacketType(string Type) : IptablesMatch;

/// <summary>rpfilter: the route back to the source leaves by the device that the packet came in on.</summary>
/// <param name="Loose">By any device.</param>
public sealed record IptablesReversePath(bool Loose, bool ValidMark, bool AcceptLocal) : IptablesMatch;

/// <summary>A condition that cannot be judged on paper (limits, times, lengths, sockets), or that is not read.</summary>
/// <param name="Text">In the tool's words.</param>
public sealed record IptablesCondition(string Text) : IptablesMatch;
