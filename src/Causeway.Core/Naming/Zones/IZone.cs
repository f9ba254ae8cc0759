using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>A zone that this server has the authority for.</summary>
public interface IZone
{
    DnsName Apex { get; }

    /// <summary>The SOA record, as it is now.</summary>
    DnsRecord Soa { get; }

    /// <summary>The records for a name within the zone, whatever its case; or that there are none, and why.</summary>
    ZoneAnswer Answer(DnsQuestion question);

    /// <summary>Every record but the SOA, for a copy of the zone. Names that are answered by rule and not by an object
    /// (those of pods by their addresses) are not among them.</summary>
    IEnumerable<DnsRecord> Records();
}
