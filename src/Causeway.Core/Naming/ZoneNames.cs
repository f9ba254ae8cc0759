using System.Collections.Immutable;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming;

/// <summary>Lists of zones as plugins have them.</summary>
public static class ZoneNames
{
    /// <summary>Whether a name is in one of the zones; with none named, every name is.</summary>
    public static bool Cover(this ImmutableArray<DnsName> zones, DnsName name) => zones.IsEmpty || zones.Any(name.IsWithin);
}
