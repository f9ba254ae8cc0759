namespace Causeway.Core.Dataplane;

/// <summary>One step from what a kernel holds to what was planned.</summary>
public abstract record Operation
{
    public abstract EntryKey Key { get; }

    /// <summary>
    /// The order in which a batch is applied: removals before additions, so that what is replaced makes room; removals
    /// from routes down to links, additions from links up to routes.
    /// </summary>
    public abstract int Order { get; }
}

/// <summary>Makes or changes an entry.</summary>
/// <param name="Observed">What stands at its key now; null when nothing does.</param>
public sealed record Upsert(Entry Planned, Entry? Observed) : Operation
{
    public override EntryKey Key => Planned.Key;

    public override int Order => 1000 + (int)Key.Kind;

    public override string ToString() => Observed is null ? $"add {Planned}" : $"change {Observed} to {Planned}";
}

/// <summary>Removes an entry.</summary>
public sealed record Delete(Entry Observed) : Operation
{
    public override EntryKey Key => Observed.Key;

    public override int Order => -(int)Key.Kind;

    public override string ToString() => $"delete {Observed}";
}
