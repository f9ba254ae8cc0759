using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;
using Causeway.Core.Services.Iptables;
using CsCheck;

namespace Causeway.Core.Tests.Services;

public sealed class IptablesServicesTests
{
    [Fact]
    public void Changes_add_up_to_the_full_rendering() => Gen.Int[0, int.MaxValue - 1].Sample(seed =>
    {
        RandomServices random = new(seed, collisions: true);
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            IptablesServices rendered = new(family);
            IptablesTables kernel = new();
            ServicesPlanner planner = new(RandomServices.Node, rendered.Set);
            foreach (var pool in RandomServices.Pools) planner.Set(pool);
            planner.Set(RandomServices.NodeObject);
            rendered.Scope = planner.Scope;
            kernel.Restore(IptablesRepair.Of(rendered, kernel.Read()).Script);
            for (var i = 0; i < 30; i++)
            {
                KubeObject item = random.Chance(0.4)
                    ? random.Service(random.Next(4)) : random.Slice(random.Next(4), random.Next(3), random.Chance(0.5));
                if (random.Chance(0.3)) planner.Remove(item);
                else planner.Set(item);
                if (random.Chance(0.5)) kernel.Restore(IptablesScript.Of(rendered.Take()));
                else if (random.Chance(0.2))
                {
                    var repair = IptablesRepair.Of(rendered, kernel.Read(), pending: rendered.Take());
                    // Nobody else was there: what is new is not told as a repair.
                    Assert.Empty(repair.Differences);
                    kernel.Restore(repair.Script);
                }
            }
            kernel.Restore(IptablesScript.Of(rendered.Take()));
            Assert.True(rendered.Take().IsEmpty);

            IptablesServices fresh = new(family) { Scope = planner.Scope };
            foreach (var (key, plan) in planner.Plan().Ports.Reverse()) fresh.Set(key, plan);
            Assert.Empty(IptablesRepair.Of(fresh, kernel.Read()).Differences);
            kernel.Restore(IptablesRepair.Removal(kernel.Read()).Script);
            Assert.All(kernel.Chains, c => Assert.Empty(c.Value));
            Assert.Equal(7, kernel.Chains.Count);
        }
    }, iter: 200);

    [Fact]
    public void Whatever_was_done_to_the_tables_is_found_and_repaired() => Gen.Int[0, int.MaxValue - 1].Sample(seed =>
    {
        RandomServices random = new(seed);
        IptablesServices services = new(IpFamily.V4);
        ServicesPlanner planner = new(RandomServices.Node, services.Set);
        foreach (var item in RandomServices.Pools.Concat<KubeObject>(
            from s in Enumerable.Range(0, 4) from o in new KubeObject[] { random.Service(s), random.Slice(s, 0) } select o))
            planner.Set(item);
        services.Scope = planner.Scope;
        IptablesTables kernel = new();
        var full = IptablesRepair.Of(services, kernel.Read());
        Assert.NotEmpty(full.Differences);
        kernel.Restore(full.Script);
        var before = kernel.Save("nat") + kernel.Save("filter");
        Assert.Empty(IptablesRepair.Of(services, kernel.Read()).Script);

        var (chain, rules) = kernel.Chains.ElementAt(random.Next(kernel.Chains.Count));
        switch (random.Next(4))
        {
            case 0:
                rules.Clear();
                break;
            case 1 when rules.Count > 0:
                rules.RemoveAt(random.Next(rules.Count));
                break;
            case 2 when ProxyChains.Owns(chain):
                rules.Insert(0, "-j ACCEPT");
                break;
            default:
                kernel.Restore("*nat\n:KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]\n-A KUBE-SEP-AAAAAAAAAAAAAAAA -j ACCEPT\nCOMMIT");
                break;
        }
        var repair = IptablesRepair.Of(services, kernel.Read());
        Assert.Equal(before != kernel.Save("nat") + kernel.Save("filter"), repair.Differences.Count > 0);
        kernel.Restore(repair.Script);
        Assert.Empty(IptablesRepair.Of(services, kernel.Read()).Differences);
    }, iter: 200);

    [Fact]
    public void One_endpoint_more_rewrites_the_chain_of_its_service_alone()
    {
        IptablesServices services = new(IpFamily.V4);
        for (var i = 0; i < 100; i++) services.Set(Plan(i, 2).Key, Plan(i, 2));
        services.Take();
        services.Set(Plan(7, 3).Key, Plan(7, 3));
        var change = services.Take();
        var plan = Plan(7, 3);
        Assert.Equal(
            [ChainNames.Endpoint(plan.Key.Name, plan.ClusterEndpoints[2]), ChainNames.Cluster(plan.Key.Name)],
            change.Written.Select(c => c.Chain.Name));
        Assert.Empty(change.Gone.Concat(change.Removed.Concat(change.Added).Select(r => r.Chain)));
    }

    [Fact]
    public void Another_proxys_chains_of_the_same_names_stay()
    {
        IptablesTables kernel = new();
        kernel.Restore("*nat\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC-X - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n");
        Assert.Equal("", IptablesRepair.Removal(kernel.Read()).Script);
    }

    [Fact]
    public void Many_services_gone_rewrite_a_shared_chain_instead_of_looking_for_each_rule()
    {
        IptablesServices services = new(IpFamily.V4);
        for (var i = 0; i < 100; i++) services.Set(Plan(i, 1).Key, Plan(i, 1));
        services.Take();
        for (var i = 0; i < 90; i++) services.Set(Plan(i, 1).Key, null);
        var change = services.Take();
        Assert.Equal(11, change.Written.Single(c => c.Chain == ProxyChains.Services).Rules.Count);
        Assert.Empty(change.Removed);
    }

    private static ServicePortPlan Plan(int i, int endpoints) => new()
    {
        Key = new(new("ns", $"s{i}", "p"), IpFamily.V4), ClusterIp = IpAddress.Parse($"10.96.0.{i + 1}"), Port = 80,
        HasEndpoints = true,
        ClusterEndpoints = [.. Enumerable.Range(1, endpoints).Select(n => new ServiceEndpoint(IpAddress.Parse($"10.244.0.{n}"), 80))],
    };
}
