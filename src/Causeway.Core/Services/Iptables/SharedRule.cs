namespace Causeway.Core.Services.Iptables;

/// <summary>A chain of a table.</summary>
/// <param name="Table"><c>filter</c> or <c>nat</c>.</param>
public readonly record struct ChainKey(string Table, string Name) : IComparable<ChainKey>
{
    public int CompareTo(ChainKey other)
    {
        var order = string.CompareOrdinal(Table, other.Table);
        return order == 0 ? string.CompareOrdinal(Name, other.Name) : order;
    }

    public static bool operator <(ChainKey left, ChainKey right) => left.CompareTo(right) < 0;

    public static bool operator >(ChainKey left, ChainKey right) => left.CompareTo(right) > 0;

    public override string ToString() => $"{Table} {Name}";
}

/// <summary>A chain with all its rules, each as <c>iptables-save</c> writes it behind <c>-A CHAIN</c>.</summary>
public sealed record ChainRules(ChainKey Chain, IReadOnlyList<string> Rules);

/// <summary>A service's rule in a chain that all services share, where the order among services is of no
/// account.</summary>
public readonly record struct SharedRule(ChainKey Chain, string Rule);

/// <summary>What one service port is in the kernel.</summary>
/// <param name="Chains">Its own, in nat.</param>
public sealed record PortRules(IReadOnlyList<ChainRules> Chains, IReadOnlyList<SharedRule> Shared);
