using System.Collections.Immutable;

namespace Causeway.Core.Dataplane;

/// <summary>An nftables table with its sets and chains.</summary>
public sealed record NftTable : Entry
{
    /// <summary><c>ip</c>, <c>ip6</c>, <c>inet</c>, <c>bridge</c>, <c>arp</c> or <c>netdev</c>.</summary>
    public required string Family { get; init; }

    public required string Name { get; init; }

    public ImmutableArray<NftSet> Sets { get; init; } = [];

    public ImmutableArray<NftChain> Chains { get; init; } = [];

    public override EntryKey Key => new(EntryKind.NftTable, $"{Family} {Name}");

    /// <summary>Compares the native text: what the kernel holds must read as what was planned.</summary>
    public override bool Fulfils(Entry planned) => planned is NftTable p && NftText.Print(this) == NftText.Print(p);

    public bool Equals(NftTable? other) => other is not null && Origin == other.Origin && Fulfils(other);

    public override int GetHashCode() => Key.GetHashCode();

    public override string ToString() => $"table {Family} {Name}";
}

/// <summary>A named set.</summary>
/// <param name="Type">The element type: <c>ipv4_addr</c>, <c>ipv6_addr</c>, ...</param>
/// <param name="Interval">Whether elements may be prefixes and ranges.</param>
/// <param name="Elements">In nft's own words, sorted: addresses, prefixes, concatenations.</param>
public sealed record NftSet(string Name, string Type, bool Interval, ImmutableArray<string> Elements);

/// <summary>A chain; one with a hook is where packets enter.</summary>
public sealed record NftChain(string Name, NftHook? Hook, ImmutableArray<NftRule> Rules);

/// <summary>Where a base chain stands.</summary>
/// <param name="Type"><c>filter</c>, <c>nat</c> or <c>route</c>.</param>
/// <param name="Hook"><c>prerouting</c>, <c>input</c>, <c>forward</c>, <c>output</c>, <c>postrouting</c>, ...</param>
/// <param name="Policy"><c>accept</c> or <c>drop</c>.</param>
public sealed record NftHook(string Type, string Hook, int Priority, string Policy);

/// <summary>A rule: statements run left to right until one does not match or ends the walk.</summary>
public sealed record NftRule(ImmutableArray<NftStatement> Statements, string? Comment = null);

/// <summary>One step of a rule. What the model does not read is <see cref="NftUnknown"/>, never a guess.</summary>
public abstract record NftStatement;

/// <summary>Compares a field of the packet with a value.</summary>
/// <param name="Field">nft's words: <c>ip saddr</c>, <c>ip6 daddr</c>, <c>iifname</c>, <c>oifname</c>,
/// <c>meta mark</c>, <c>ct state</c>, <c>meta l4proto</c>, <c>tcp dport</c>, ...</param>
/// <param name="Operator"><c>==</c>, <c>!=</c>, <c>in</c>, <c>&lt;</c>, ...</param>
/// <param name="Value">nft's words; a set by <c>@name</c>, an anonymous set as <c>{ a, b }</c>.</param>
public sealed record NftMatch(string Field, string Operator, string Value) : NftStatement;

/// <summary>accept, drop, return, continue, queue, <c>jump NAME</c>, <c>goto NAME</c>.</summary>
public sealed record NftVerdict(string Verdict, string? Chain = null) : NftStatement;

/// <summary>Rewrites the source to the address of the output device.</summary>
public sealed record NftMasquerade : NftStatement;

/// <summary>Refuses with an answer; <paramref name="With"/> in nft's words, such as <c>icmp port-unreachable</c>.</summary>
public sealed record NftReject(string? With) : NftStatement;

/// <summary>Counts; never compared.</summary>
public sealed record NftCounter(ulong Packets, ulong Bytes) : NftStatement
{
    public bool Equals(NftCounter? other) => other is not null;

    public override int GetHashCode() => 0;
}

/// <summary>A statement that neither stops nor changes a packet: a log line, a comment.</summary>
public sealed record NftNote(string Raw) : NftStatement;

/// <summary>A statement that this model does not read, as the tool gave it (JSON).</summary>
public sealed record NftUnknown(string Raw) : NftStatement;
