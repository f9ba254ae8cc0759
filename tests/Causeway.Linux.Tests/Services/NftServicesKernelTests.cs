using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;

namespace Causeway.Linux.Tests.Services;

public sealed class NftServicesKernelTests : ServiceScenes
{
    protected override void Load(ServiceLab lab, IpFamily family, params ServicePortPlan[] plans) => lab.Load(plans);

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void A_change_follows_in_the_kernel_and_leaves_no_unused_chain(IpFamily family)
    {
        using ServiceLab lab = new(family, 3);
        var services = lab.Load(Plan(lab, family, 1, 1, 2) with { NodePort = 30080 });
        var changed = Plan(lab, family, 1, 3) with { ExternalLocal = true, NodePort = 30080 };
        Follow(lab, services, changed);
        Assert.StartsWith("3 ", ServiceLab.Connect(lab.Pods[0], Vip(family, 1), 80));
        var ip = family == IpFamily.V4 ? "ip" : "ip6";
        var after = lab.Node.Run($"nft list table {ip} causeway-services");
        Assert.DoesNotContain("pick-2", after, StringComparison.Ordinal);
        Assert.StartsWith("3 ", ServiceLab.Connect(lab.Pods[1], Vip(family, 1), 80));
        Follow(lab, services, changed with { AffinitySeconds = 70 });
        Assert.StartsWith("3 ", ServiceLab.Connect(lab.Pods[0], Vip(family, 1), 80));
        // Over a table that serves: nothing of it is lost.
        lab.Table.Load(lab.Scope, [.. services.Classes]);
        Assert.StartsWith("3 ", ServiceLab.Connect(lab.Pods[0], Vip(family, 1), 80));
        lab.Unload();
        Assert.Equal("", lab.Node.Run("nft list ruleset"));
    }

    private static void Follow(ServiceLab lab, NftServices services, ServicePortPlan plan)
    {
        services.Set(plan.Key, plan);
        var change = services.Take();
        lab.Table.AddClasses(lab.Scope, [.. change.AddedClasses]);
        lab.Table.Elements.Change([.. change.Removed.Select(e => e.Key)], [.. change.Added]);
        lab.Table.RemoveClasses(change.UnusedClasses, services.Classes);
    }
}
