namespace Causeway.Core.Dataplane;

/// <summary>One step from what a kernel holds to what was planned.</summary>
public abstract record Operation
{
    public abstract EntryKey Key { get; }

    /// <summary>
    /// The order in which a batch is applied: removals before additions, so that what is replaced makes room;
    /// removals from routes down to links, additions from links up to routes; masters before what they
    /// enslave, routes on a link before routes through a gateway, which must be found on a link.
    /// </summary>
    public abstract int Order { get; }

    private protected static int Rank(Entry entry) => 2 * (int)entry.Key.Kind + entry switch
    {
        Link { Master: not null } => 1,
        Route { Via: null, NextHops.IsEmpty: true } => 0,
        Route => 1,
        _ => 0,
    };
}

/// <summary>Makes or changes an entry.</summary>
/// <param name="Observed">What stands at its key now; null when nothing does.</param>
public sealed record Upsert(Entry Planned, Entry? Observed) : Operation
{
    public override EntryKey Key => Planned.Key;

    public override int Order => 1000 + Rank(Planned);

    public override string ToString() =>
        Observed is null ? $"add {Planned}" : $"change {Observed} to {Planned}";
}

/// <summary>Removes an entry.</summary>
public sealed record Delete(Entry Observed) : Operation
{
    public override EntryKey Key => Observed.Key;

    public override int Order => -Rank(Observed);

    public override string ToString() => $"delete {Observed}";
}
