using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;
using Model = Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Services.Nftables;

/// <summary>The tables of services as records, for traces of what will be: what a kernel lists once the plan is in
/// it.</summary>
public static class NftPlan
{
    public static IEnumerable<NftTable> Tables(ServicesPlan plan) =>
        new[] { IpFamily.V4, IpFamily.V6 }.Select(family =>
        {
            NftServices services = new(family);
            foreach (var (key, port) in plan.Ports) services.Set(key, port);
            return Table(plan.Scope, services);
        });

    public static NftTable Table(ServicesScope scope, NftServices services)
    {
        var family = services.Family;
        var cidrs = NftSkeleton.PodRanges(family, scope);
        var elements = services.Elements.ToLookup(e => e.Key.Set, StringComparer.Ordinal);
        var address = NftSets.AddressType(family);
        return new()
        {
            Family = family.Word,
            Name = NftSets.Table,
            Sets =
            [
                .. NftSets.All.Select(shape => Set(family, shape, elements[shape.Name])),
                new(NftSets.ClusterCidrs, address, Interval: true, [.. cidrs.Select(c => new Model.NftElement(c.ToString()))]),
                .. NftClass.ClientSets(services.Classes).Select(name => new NftSet(
                    name, $"{address} . {address} . inet_proto . inet_service", Interval: false, [])
                {
                    Dynamic = true, Timeouts = true, Size = NftSkeleton.MostClients,
                }),
            ],
            Chains =
            [
                .. NftBaseChains.Of(family, scope),
                .. NftClassRules.Of(family, services.Classes, cidrs.Length > 0),
            ],
        };
    }

    private static NftSet Set(IpFamily family, NftSetShape shape, IEnumerable<NftElement> elements) => new(
        shape.Name, Words(family, shape.Key), shape.IsInterval,
        NftElements.Of(elements.Select(e => new Model.NftElement(
            NftElementText.Key(family, e.Key),
            e.Value.Chain is { } chain ? $"goto {chain}"
                : shape.IsMap ? NftElementText.Print(family, e.Value.Data, shape.Value) : null)
        {
            Comment = e.Value.Comment,
        })))
    {
        Data = shape.IsVerdictMap ? "verdict" : shape.Value.IsEmpty ? null : Words(family, shape.Value),
        Counter = shape.Counts,
    };

    private static string Words(IpFamily family, IEnumerable<NftComponent> components) =>
        string.Join(" . ", components.Select(c => c switch
        {
            NftComponent.Address => NftSets.AddressType(family),
            NftComponent.Protocol => "inet_proto",
            NftComponent.Port => "inet_service",
            _ => "integer",
        }));
}
