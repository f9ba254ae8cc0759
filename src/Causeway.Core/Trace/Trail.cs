using System.Collections.Immutable;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>A flow that a host's connection tracking has seen, with the addresses it was given on the way.</summary>
internal sealed record Connection(string Host, Packet Original, Packet Translated)
{
    /// <summary>The connection's own mark.</summary>
    public uint Mark { get; init; }

    /// <summary>Whether this packet is the answer to what left the host.</summary>
    public bool IsAnsweredBy(Packet packet) => packet.Protocol == Translated.Protocol
        && packet.Source == Translated.Destination && packet.Destination == Translated.Source
        && packet.SourcePort == Translated.DestinationPort && packet.DestinationPort == Translated.SourcePort;
}

/// <summary>A place where a host does not hold what its plan says, met on the way.</summary>
/// <param name="Planned">What should have been consulted.</param>
/// <param name="Intruder">An entry outside the plan that took over; null when one is missing or differs.</param>
internal sealed record Deviation(string Host, Cause Cause, Entry Planned, Entry? Intruder);

/// <summary>How large an IP packet may be at one point of the way.</summary>
internal sealed record SizeLimit(Host Host, string Device, int Bytes, string Evidence, bool Leaving);

/// <summary>
/// A packet on its way: where it is, what it is, and what happened so far. Immutable, so that branches share a past.
/// </summary>
internal sealed record Trail
{
    public required World World { get; init; }

    public required Host Host { get; init; }

    public required Packet Packet { get; init; }

    /// <summary>What answered flows look like; empty on the way out.</summary>
    public ImmutableList<Connection> Answers { get; init; } = [];

    public ImmutableList<Connection> Connections { get; init; } = [];

    public ImmutableList<Hop> Hops { get; init; } = [];

    public ImmutableList<Deviation> Deviations { get; init; } = [];

    public ImmutableList<SizeLimit> Limits { get; init; } = [];

    public double Probability { get; init; } = 1;

    /// <summary>What connection tracking of this host holds of the packet; null before it has come to any rule.</summary>
    public Tracking? Track { get; init; }

    /// <summary>A rule changed the mark of a host's own packet, which is then routed again.</summary>
    public bool Reroutes { get; init; }

    /// <summary>The device by which it left what was captured.</summary>
    public WireEnd? LeftBy { get; init; }

    /// <summary>Hosts at which this very packet (but for its time to live) was routed.</summary>
    public ImmutableHashSet<(string Host, string Device, Packet Packet)> Seen { get; init; } = [];

    public Trail At(Host host) => this with { Host = host };

    /// <summary>Remembers the connection, so that this host knows its answers.</summary>
    public Trail Connect() => Packet.Inner is not null || Track is { Answered: not null } or { Untracked: true }
        ? this
        : this with
        {
            Connections = Connections.Add(new(Host.Name, Track?.Original ?? Packet, Packet) { Mark = Track?.Mark ?? 0 }),
        };

    public Trail Log(string component, string action, Entry? entry = null) =>
        Log(component, action, entry?.ToString() ?? "", entry is null ? null : Host.OriginOf(entry));

    public Trail Log(string component, string action, string evidence, Origin? origin = null) =>
        this with { Hops = Hops.Add(new(Host.Node, component, action, evidence, origin) { Host = Host.Name }) };

    public Trail Deviates(Cause cause, Entry planned, Entry? intruder = null) =>
        this with { Deviations = Deviations.Add(new(Host.Name, cause, planned, intruder)) };

    public Trail Limit(string device, int bytes, string evidence, bool leaving) => this with
    {
        Limits = Limits.Add(new(Host, device, bytes - Headroom, evidence, leaving)),
    };

    /// <summary>The connection of this host that the packet answers, if any.</summary>
    public Connection? Answered =>
        Packet.Inner is null ? Answers.Find(c => c.Host == Host.Name && c.IsAnsweredBy(Packet)) : null;

    public Finish Stop(CauseCode code, string component, string message, Entry? entry, string fix) =>
        Stop(code, component, message, entry?.ToString() ?? "", fix, entry is null ? null : Host.OriginOf(entry));

    /// <summary>Ends here. <paramref name="message"/> is a clause about this host, without its name.</summary>
    public Finish Stop(
        CauseCode code, string component, string message, string evidence, string fix, Origin? origin = null)
    {
        var cause = new Cause(code, $"{Host.Title}: {message}", Host.Node, evidence, fix);
        var disposition = cause.IsUnknown ? Disposition.Unknown : Disposition.Stopped;
        return new(Log(component, message, evidence, origin), disposition, cause);
    }

    public Finish Finish(Disposition disposition, Cause? cause = null) => new(this, disposition, cause);

    // What the headers around the original packet take of the device's size.
    private int Headroom => Packet.Inner is null ? 0 : EncapsulatedFrame.Overhead(Packet.Family);
}

/// <summary>A trail that ended.</summary>
internal sealed record Finish(Trail Trail, Disposition Disposition, Cause? Cause);
