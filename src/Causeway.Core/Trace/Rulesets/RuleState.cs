using System.Collections.Immutable;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>A packet within a chain: what it is by now, and how it came here.</summary>
/// <param name="Share">The part of the packets that comes here, 0 to 1.</param>
internal sealed record RuleState(Packet Packet, Tracking Track, double Share)
{
    /// <summary>What was noted on the way.</summary>
    public ImmutableList<RuleNote> Notes { get; init; } = [];

    /// <summary>The rules that led into the chains that it is in.</summary>
    public ImmutableList<RuleNote> Path { get; init; } = [];

    /// <summary>A rule that may or may not have applied; null while all is certain.</summary>
    public string? Doubt { get; init; }

    public RuleState Note(string action, string quote, string? comment = null) =>
        this with { Notes = Notes.Add(new(action, quote, comment)) };

    /// <summary>Whether the two fare alike from here on.</summary>
    public bool SameAs(RuleState other) => Packet == other.Packet && Track == other.Track;
}

/// <summary>Something a rule did, with its words and its comment.</summary>
internal sealed record RuleNote(string Action, string Quote, string? Comment);

/// <summary>What comes of a rule.</summary>
internal enum StepAction
{
    /// <summary>The next rule.</summary>
    Next,
    Jump,
    Goto,
    Return,
    Accept,
    Drop,
    Reject,
    Unknown,

    /// <summary>A source should be rewritten, and there is no address to use.</summary>
    NoSource,

    /// <summary>Something other than the kernel's rules takes the packet.</summary>
    Taken,
}

/// <summary>One outcome of a rule.</summary>
/// <param name="Text">The chain of a jump, the answer of a reject.</param>
internal readonly record struct RuleStep(RuleState State, StepAction Action, string? Text = null)
{
    /// <summary>What the rule looked up, where it did: an element of a map.</summary>
    public string? Element { get; init; }

    public string? Comment { get; init; }
}

/// <summary>How a packet left a base chain.</summary>
/// <param name="Quote">The rule that decided; empty where none did.</param>
internal sealed record RuleEnd(RuleState State, StepAction Action, string Quote, string? Text, string? Comment);
