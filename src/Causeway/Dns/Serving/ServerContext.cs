using Causeway.Core.Addressing;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Dns.Names;

namespace Causeway.Dns.Serving;

/// <summary>The cluster's names as they are at any time.</summary>
/// <param name="Synced">Whether all are known.</param>
internal readonly record struct KnownNames(NameIndex Index, Func<bool> Synced);

/// <summary>What configurations are made to run with.</summary>
/// <param name="Names">Those of a scope; the same for the same scope.</param>
/// <param name="Local">This server's own addresses.</param>
internal sealed record ServerContext(
    Func<NamesScope, KubernetesSettings, KnownNames> Names, IReadOnlyList<IpAddress> Local, DnsMetrics Metrics, DnsLog Log,
    TimeProvider Time);
