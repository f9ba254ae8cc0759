using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>The zones that the plugin <c>kubernetes</c> has the authority for.</summary>
/// <param name="Clusters">The cluster's domains; at least one, since addresses are named by its first.</param>
/// <param name="All">With those of addresses.</param>
public sealed record KubernetesZones(ImmutableArray<ClusterZone> Clusters, ImmutableArray<IZone> All)
{
    public static readonly DnsName DefaultDomain = DnsName.Parse("cluster.local.");

    /// <param name="own">The server's zones, for settings that name none.</param>
    /// <param name="local">The addresses by which the server is reached.</param>
    public static KubernetesZones Of(
        KubernetesSettings settings, IEnumerable<DnsName> own, NameIndex index, IReadOnlyList<IpAddress> local)
    {
        ImmutableArray<DnsName> zones = settings.Zones.IsEmpty ? [.. own] : settings.Zones;
        ZoneSettings Of(DnsName apex) => new(
            apex, settings.Ttl, settings.Pods, settings.EndpointPodNames, settings.IgnoreEmptyServices);
        ImmutableArray<ClusterZone> clusters =
        [
            .. zones.Where(z => !IsReverse(z)).DefaultIfEmpty(DefaultDomain).Select(a => new ClusterZone(index, Of(a), local)),
        ];
        return new(
            clusters,
            [.. clusters, .. zones.Where(IsReverse).Select(z => new ReverseZone(index, z, Of(clusters[0].Apex)))]);
    }

    private static bool IsReverse(DnsName zone) => zone.IsWithin(ReverseName.V4) || zone.IsWithin(ReverseName.V6);
}
