namespace Causeway.Core.Trace;

/// <summary>What a host's connection tracking holds of the packet that is on it.</summary>
/// <param name="Original">The packet as it was seen first.</param>
/// <param name="Answered">The connection that it answers; null for the first packet of one.</param>
internal sealed record Tracking(Packet Original, Connection? Answered)
{
    /// <summary>Tracking has seen it; before that only the rules of table raw have.</summary>
    public bool Started { get; init; }

    public bool Untracked { get; init; }

    public uint Mark { get; init; }

    /// <summary>Address translation has decided over the destination, be it to leave it.</summary>
    public bool DestinationDone { get; init; }

    public bool SourceDone { get; init; }

    public static Tracking Before(Packet packet) => new(packet, null);
}
