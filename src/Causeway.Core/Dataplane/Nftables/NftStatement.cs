using System.Collections.Immutable;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>One step of a rule. What the model does not read is <see cref="NftUnknown"/>, never a guess.</summary>
public abstract record NftStatement;

/// <summary>Compares a field of the packet with a value.</summary>
/// <param name="Field">An expression in nft's words: <c>ip saddr</c>, <c>iifname</c>, <c>meta mark &amp; 0x4000</c>,
/// <c>ct state</c>, <c>ip saddr . ip daddr</c>, <c>numgen random mod 100</c>, <c>fib daddr type</c>, ...</param>
/// <param name="Operator"><c>==</c>, <c>!=</c>, <c>in</c>, <c>!</c>, <c>&lt;</c>, ...</param>
/// <param name="Value">nft's words; a set by <c>@name</c>, an anonymous set as <c>{ a, b }</c>.</param>
public sealed record NftMatch(string Field, string Operator, string Value) : NftStatement;

/// <summary>A condition on the past, such as <c>limit rate 10/second</c>: it narrows a rule, and cannot be judged on
/// paper.</summary>
/// <param name="Text">In nft's words.</param>
public sealed record NftCondition(string Text) : NftStatement;

/// <summary>accept, drop, return, continue, <c>jump NAME</c>, <c>goto NAME</c>.</summary>
public sealed record NftVerdict(string Verdict, string? Chain = null) : NftStatement
{
    /// <summary><c>goto NAME</c>, as the values of verdict maps are written.</summary>
    public static NftVerdict Parse(string text)
    {
        var space = text.IndexOf(' ');
        return space < 0 ? new(text) : new(text[..space], text[(space + 1)..]);
    }
}

/// <summary>Looks the verdict up: <c>ip daddr vmap @services</c>. Without an element the rule goes on.</summary>
public sealed record NftVerdictMap(string Key, NftMapRef Map) : NftStatement;

/// <summary>Rewrites the source to the address of the output device.</summary>
public sealed record NftMasquerade : NftStatement
{
    /// <summary>A port or a range, as a constant.</summary>
    public string? Ports { get; init; }

    /// <summary><c>random</c>, <c>fully-random</c>, <c>persistent</c>.</summary>
    public ImmutableArray<string> Flags { get; init; } = [];
}

/// <summary>Rewrites the destination to this host's own address, and the port.</summary>
public sealed record NftRedirect(NftValue? Port = null) : NftStatement
{
    public ImmutableArray<string> Flags { get; init; } = [];
}

/// <summary>Rewrites the destination (<c>dnat</c>) or the source (<c>snat</c>).</summary>
/// <param name="Kind"><c>dnat</c> or <c>snat</c>.</param>
/// <param name="Address">An address, a range, a prefix, or a lookup in a map whose values may have a port.</param>
public sealed record NftNat(string Kind, NftValue? Address, NftValue? Port = null) : NftStatement
{
    /// <summary><c>ip</c> or <c>ip6</c>; needed in tables of family inet, and where a map gives address and port.</summary>
    public string? Family { get; init; }

    /// <summary>The prefix alone is rewritten (netmap).</summary>
    public bool Prefix { get; init; }

    public ImmutableArray<string> Flags { get; init; } = [];
}

/// <summary>Writes a field: <c>meta mark set meta mark | 0x4000</c>, <c>ct mark set meta mark</c>.</summary>
public sealed record NftAssign(string Field, NftValue Value) : NftStatement;

/// <summary>Puts an element into a set or map: <c>update @affinity { ip saddr timeout 3h : 10.0.0.1 . 80 }</c>.</summary>
/// <param name="Operation"><c>add</c>, <c>update</c> or <c>delete</c>.</param>
/// <param name="Text">What stands between the braces, in nft's words.</param>
public sealed record NftUpdate(string Operation, string Set, string Text) : NftStatement;

/// <summary>Keeps connection tracking from this packet.</summary>
public sealed record NftNotrack : NftStatement;

/// <summary>Hands the packet to a program; <paramref name="Text"/> in nft's words, with the word queue.</summary>
public sealed record NftQueue(string Text) : NftStatement;

/// <summary>Hands the packet to a local socket; <paramref name="Text"/> in nft's words, with the word tproxy.</summary>
public sealed record NftTproxy(string Text) : NftStatement;

/// <summary>Refuses with an answer; <paramref name="With"/> in nft's words, such as <c>icmp port-unreachable</c>.</summary>
public sealed record NftReject(string? With) : NftStatement;

/// <summary>Counts; never compared.</summary>
public sealed record NftCounter(ulong Packets, ulong Bytes) : NftStatement
{
    public bool Equals(NftCounter? other) => other is not null;

    public override int GetHashCode() => 0;
}

/// <summary>A statement that neither stops nor changes a packet: a log line, a comment.</summary>
/// <param name="Text">In nft's words; empty for what the tool does not print.</param>
public sealed record NftNote(string Text) : NftStatement;

/// <summary>A match or target of iptables that nft shows by its name alone.</summary>
/// <param name="Kind"><c>match</c>, <c>target</c> or <c>watcher</c>.</param>
public sealed record NftXt(string Kind, string Name) : NftStatement;

/// <summary>A statement that this model does not read, as the tool gave it (JSON).</summary>
public sealed record NftUnknown(string Raw) : NftStatement;
