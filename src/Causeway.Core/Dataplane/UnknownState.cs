namespace Causeway.Core.Dataplane;

/// <summary>
/// Something that decides over packets in an observed kernel and that could not be read: a trace that passes
/// it ends in unknown, never in a false green.
/// </summary>
/// <param name="Name">What it is: <c>iptables-legacy</c>, <c>nftables</c>, <c>xdp eth0</c>.</param>
/// <param name="Reason">Why it could not be read, in a sentence.</param>
public sealed record UnknownState(string Name, string Reason) : Entry
{
    public override EntryKey Key => new(EntryKind.Unknown, Name);

    public override bool Fulfils(Entry planned) => false;

    public override string ToString() => $"unknown {Name}: {Reason}";
}
