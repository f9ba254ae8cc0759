using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>What a rule does.</summary>
public abstract record IptablesTarget;

/// <summary>ACCEPT, DROP or RETURN.</summary>
public sealed record IptablesVerdict(string Verdict) : IptablesTarget;

/// <summary><c>-j CHAIN</c>, or <c>-g CHAIN</c> that does not come back.</summary>
public sealed record IptablesJump(string Chain, bool Goto) : IptablesTarget;

/// <summary>REJECT, with the answer in the tool's words: <c>icmp-port-unreachable</c>, <c>tcp-reset</c>.</summary>
public sealed record IptablesReject(string With) : IptablesTarget;

/// <summary>DNAT or SNAT to one address of a range; null keeps the address.</summary>
public sealed record IptablesNat(bool Destination, IpAddress? First, IpAddress? Last, PortRange? Ports) : IptablesTarget
{
    public ImmutableArray<string> Flags { get; init; } = [];
}

/// <summary>MASQUERADE.</summary>
public sealed record IptablesMasquerade(PortRange? Ports, bool RandomFully) : IptablesTarget;

/// <summary>REDIRECT: to this host itself.</summary>
public sealed record IptablesRedirect(PortRange? Ports) : IptablesTarget;

/// <summary>NETMAP: the prefix alone is rewritten, the destination's in PREROUTING and OUTPUT.</summary>
public sealed record IptablesNetmap(Prefix To) : IptablesTarget;

/// <summary>MARK and CONNMARK: clears the bits of the mask, then flips those of the value.</summary>
public sealed record IptablesSetMark(uint Value, uint Mask, bool Connection) : IptablesTarget;

/// <summary>CONNMARK between packet and connection.</summary>
/// <param name="Save">From the packet to the connection; else back.</param>
public sealed record IptablesCopyMark(bool Save, uint PacketMask, uint ConnectionMask) : IptablesTarget;

/// <summary>NOTRACK, and <c>CT --notrack</c>.</summary>
public sealed record IptablesNotrack : IptablesTarget;

/// <summary>A target that neither stops a packet nor changes where it goes: LOG, NFLOG, TRACE, TCPMSS, SET, ...</summary>
public sealed record IptablesNote(string Text) : IptablesTarget;

/// <summary>A target that is not read.</summary>
public sealed record IptablesUnknown(string Text) : IptablesTarget;
