using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Services.Nftables;

/// <summary>
/// The table without the services, as records: declarations and base chains. It depends on the scope, not on any single
/// service. The chains of classes are written by <see cref="NftClassCodec"/>.
/// </summary>
public static class NftSkeleton
{
    /// <summary>How many clients a set remembers; when it is full, the next ones choose anew each time.</summary>
    private const int MostClients = 65535;

    /// <summary>With the elements of <see cref="NftSets.ClusterCidrs"/>, and no others.</summary>
    public static NftTable Table(IpFamily family, ServicesScope scope) => new()
    {
        Family = family.Word,
        Name = NftSets.Table,
        Sets =
        [
            .. NftSets.All.Select(shape => shape.In(family)),
            new(NftSets.ClusterCidrs, NftSets.AddressType(family), Interval: true,
                [.. PodRanges(family, scope).Select(c => new Dataplane.Nftables.NftElement(c.ToString()))]),
        ],
        Chains = [.. NftBaseChains.Of(family, scope)],
    };

    /// <summary>The sets of clients that these classes need.</summary>
    public static ImmutableArray<NftSet> ClientSets(IpFamily family, IEnumerable<NftClass> classes)
    {
        var address = NftSets.AddressType(family);
        return
        [
            .. NftClass.ClientSets(classes).Select(name => new NftSet(
                name, $"{address} . {address} . inet_proto . inet_service", Interval: false, [])
            {
                Dynamic = true, Timeouts = true, Size = MostClients,
            }),
        ];
    }

    /// <summary>The pools of a family without those inside another: an interval set refuses overlaps.</summary>
    public static Prefix[] PodRanges(IpFamily family, ServicesScope scope) =>
    [
        .. scope.ClusterCidrs.Where(c => c.Family == family
            && !scope.ClusterCidrs.Any(o => o != c && o.Contains(c))).Distinct(),
    ];
}
