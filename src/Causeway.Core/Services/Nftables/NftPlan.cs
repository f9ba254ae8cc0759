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
        var elements = services.Elements.ToLookup(e => e.Key.Set, StringComparer.Ordinal);
        var skeleton = NftSkeleton.Table(family, scope);
        return skeleton with
        {
            Sets =
            [
                .. skeleton.Sets.Select(set => elements.Contains(set.Name) ? Filled(family, set, elements[set.Name]) : set),
                .. NftSkeleton.ClientSets(family, services.Classes),
            ],
            Chains =
            [
                .. skeleton.Chains,
                .. NftClassRules.Of(family, services.Classes, NftSkeleton.PodRanges(family, scope).Length > 0),
            ],
        };
    }

    private static NftSet Filled(IpFamily family, NftSet set, IEnumerable<NftElement> elements) => set with
    {
        Elements = NftElements.Of(elements.Select(e => new Model.NftElement(
            NftElementText.Key(family, e.Key),
            e.Value.Chain is { } chain ? $"goto {chain}"
                : set.IsMap ? NftElementText.Print(family, e.Value.Data, NftSets.Of(set.Name).Value) : null)
        {
            Comment = e.Value.Comment,
        })),
    };
}
