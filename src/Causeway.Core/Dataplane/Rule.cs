using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>What a policy routing rule does, by its rtnetlink number.</summary>
public enum RuleAction : byte
{
    Lookup = 1,
    Goto = 2,
    Nop = 3,
    Blackhole = 6,
    Unreachable = 7,
    Prohibit = 8,
}

/// <summary>A policy routing rule (<c>ip rule</c>).</summary>
public sealed record Rule : Entry
{
    public required IpFamily Family { get; init; }

    public required uint Priority { get; init; }

    public RuleAction Action { get; init; } = RuleAction.Lookup;

    /// <summary>The table to look in, for <see cref="RuleAction.Lookup"/>; the priority to jump to, for
    /// Goto.</summary>
    public uint Table { get; init; } = Route.MainTable;

    public Prefix? From { get; init; }

    public Prefix? To { get; init; }

    public uint Mark { get; init; }

    /// <summary>0 when the rule does not look at the mark.</summary>
    public uint MarkMask { get; init; }

    public string? InputDevice { get; init; }

    public string? OutputDevice { get; init; }

    /// <summary>The rule matches what its selectors do not.</summary>
    public bool Invert { get; init; }

    public byte Protocol { get; init; }

    /// <summary>Selectors that this model does not read (ports, uid ranges, l3mdev, tos, suppressors),
    /// in the tool's words; null when there are none. A rule that has some cannot be judged.</summary>
    public string? Unknown { get; init; }

    public override EntryKey Key => new(
        EntryKind.Rule,
        $"{Action} {Table} {From} {To} {Mark}/{MarkMask} {InputDevice} {OutputDevice} {Invert} {Unknown}",
        Prefix.Default(Family), Priority);

    public override bool Fulfils(Entry planned) => planned is Rule p && Protocol == p.Protocol;

    public override string ToString() => DataplaneText.Print(this);
}
