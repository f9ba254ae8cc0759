using System.Collections.Immutable;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>An nftables table with its sets, maps and chains.</summary>
public sealed record NftTable : Entry
{
    /// <summary><c>ip</c>, <c>ip6</c>, <c>inet</c>, <c>bridge</c>, <c>arp</c> or <c>netdev</c>.</summary>
    public required string Family { get; init; }

    public required string Name { get; init; }

    /// <summary>Sets and maps: the kernel keeps both under one kind of name.</summary>
    public ImmutableArray<NftSet> Sets { get; init; } = [];

    public ImmutableArray<NftChain> Chains { get; init; } = [];

    public override EntryKey Key => new(EntryKind.NftTable, $"{Family} {Name}");

    /// <summary>Compares the native text: what the kernel holds must read as what was planned.</summary>
    public override bool Fulfils(Entry planned) =>
        planned is NftTable p && NftText.Comparable(this) == NftText.Comparable(p);

    public bool Equals(NftTable? other) => other is not null && Origin == other.Origin && Fulfils(other);

    public override int GetHashCode() => Key.GetHashCode();

    public override string ToString() => $"table {Family} {Name}";
}

/// <summary>A chain; one with a hook is where packets enter.</summary>
public sealed record NftChain(string Name, NftHook? Hook, ImmutableArray<NftRule> Rules);

/// <summary>Where a base chain stands.</summary>
/// <param name="Type"><c>filter</c>, <c>nat</c> or <c>route</c>.</param>
/// <param name="Hook"><c>prerouting</c>, <c>input</c>, <c>forward</c>, <c>output</c>, <c>postrouting</c>, ...</param>
/// <param name="Policy"><c>accept</c> or <c>drop</c>.</param>
public sealed record NftHook(string Type, string Hook, int Priority, string Policy)
{
    /// <summary>The device of an <c>ingress</c> or <c>egress</c> hook.</summary>
    public string? Device { get; init; }
}

/// <summary>A rule: statements run left to right until one does not match or ends the walk.</summary>
public sealed record NftRule(ImmutableArray<NftStatement> Statements, string? Comment = null)
{
    /// <summary>Bytes of a comment that nft takes at most.</summary>
    public const int LongestComment = 128;
}
