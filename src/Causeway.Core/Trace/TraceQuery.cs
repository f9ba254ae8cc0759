using Causeway.Core.Addressing;

namespace Causeway.Core.Trace;

/// <summary>What to trace.</summary>
/// <param name="From">The host that sends, by name.</param>
/// <param name="To">The destination address.</param>
/// <param name="Port">0 for ICMP, and where no port was named.</param>
public sealed record TraceQuery(
    string From, IpAddress To, TransportProtocol Protocol = TransportProtocol.Icmp, ushort Port = 0)
{
    /// <summary>The host that should receive it; null for an address that belongs to nobody known.</summary>
    public string? ToHost { get; init; }

    /// <summary>An address outside the world that sends; the packet then comes in at <see cref="From"/>.</summary>
    public IpAddress? Source { get; init; }
}
