using Causeway.Core.Dataplane;

namespace Causeway.Linux.Kernel;

/// <summary>News from a kernel: an <see cref="EntryChanged"/>, a <see cref="KindsSuspect"/> or a
/// <see cref="RulesetChanged"/>.</summary>
public abstract record KernelEvent;

/// <summary>An entry was made or changed, or is gone.</summary>
/// <param name="Entry">As it is now; of one that is gone, as it was.</param>
public sealed record EntryChanged(Entry Entry, bool Gone) : KernelEvent
{
    public override string ToString() => Gone ? $"gone: {Entry}" : $"now: {Entry}";
}

/// <summary>Entries of these kinds may have changed: what is known of them is to be read again.</summary>
/// <param name="Reason">Why, in a few words.</param>
public sealed record KindsSuspect(IReadOnlyList<EntryKind> Kinds, string Reason) : KernelEvent;

/// <summary>A transaction of nftables.</summary>
/// <param name="Tables">The names of the tables it touched, of whatever family.</param>
/// <param name="Port">The address of the socket that asked for it; of a tool mostly its process id.</param>
/// <param name="Generation">The ruleset's number since then: one more than before.</param>
public sealed record RulesetChanged(IReadOnlySet<string> Tables, uint Port, uint Generation) : KernelEvent;
