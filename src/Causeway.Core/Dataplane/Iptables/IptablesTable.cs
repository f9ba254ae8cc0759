using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>Which kernel interface holds the rules: <c>iptables-nft</c> or <c>iptables-legacy</c>.</summary>
public enum IptablesBackend : byte
{
    Nft,
    Legacy,
}

/// <summary>One table of iptables or ip6tables.</summary>
public sealed record IptablesTable : Entry
{
    public required IpFamily Family { get; init; }

    /// <summary><c>raw</c>, <c>mangle</c>, <c>nat</c>, <c>filter</c> or <c>security</c>.</summary>
    public required string Name { get; init; }

    public IptablesBackend Backend { get; init; }

    public ImmutableArray<IptablesChain> Chains { get; init; } = [];

    public override EntryKey Key => new(EntryKind.IptablesTable, $"{Tool} {Name}");

    public string Tool => ToolOf(Family, Backend);

    /// <summary><c>iptables-nft</c>, <c>ip6tables-legacy</c>, ...</summary>
    public static string ToolOf(IpFamily family, IptablesBackend backend) =>
        (family == IpFamily.V4 ? "iptables" : "ip6tables") + (backend == IptablesBackend.Nft ? "-nft" : "-legacy");

    public override bool Fulfils(Entry planned) =>
        planned is IptablesTable p && IptablesSave.Print(this) == IptablesSave.Print(p);

    public bool Equals(IptablesTable? other) =>
        other is not null && Key == other.Key && Origin == other.Origin && Fulfils(other);

    public override int GetHashCode() => Key.GetHashCode();

    public override string ToString() => $"{Tool} -t {Name}";
}

/// <summary>A rule: all matches must fit.</summary>
/// <param name="Line">As the tool saved it, from <c>-A</c> on.</param>
/// <param name="Target">Null for a rule that only counts.</param>
public sealed record IptablesRule(string Line, ImmutableArray<IptablesMatch> Matches, IptablesTarget? Target)
{
    public ulong Packets { get; init; }

    public ulong Bytes { get; init; }

    /// <summary>What <c>-m comment</c> says; null without one.</summary>
    public string? Comment => IptablesTokens.OptionOf(Line, "--comment");
}
