using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Services;
using Causeway.Core.Services.Iptables;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Tests.Services;

public sealed class IptablesNftServicesKernelTests() : IptablesServicesKernelTests(IptablesBackend.Nft)
{
    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void Endpoints_that_change_by_netlink_read_as_the_tool_would_have_written_them_and_packets_reach_them(IpFamily family)
    {
        using ServiceLab lab = new(family, 4);
        using var socket = NetlinkSocket.OpenNetfilter(lab.Node.Path);
        var udp = Plan(lab, family, 2, 1);
        udp = udp with { Key = udp.Key with { Name = udp.Key.Name with { Protocol = TransportProtocol.Udp } } };
        var services = Loaded(lab, family, lab.Scope, Plan(lab, family, 1, 1, 2) with { NodePort = 30080 }, udp);
        var now = Plan(lab, family, 1, 1, 2) with { NodePort = 30080 };
        ServicePortPlan[] changes =
        [
            now = now with { ClusterEndpoints = Plan(lab, family, 1, 3, 2, 4).ClusterEndpoints },
            now = now with { ClusterEndpoints = Plan(lab, family, 1, 3).ClusterEndpoints },
            now = now with { ClusterEndpoints = Plan(lab, family, 1, 3).ClusterEndpoints, AffinitySeconds = 70 },
            udp with { ClusterEndpoints = Plan(lab, family, 1, 2, 3).ClusterEndpoints },
        ];
        foreach (var change in changes)
        {
            services.Set(change.Key, change);
            Assert.True(IptablesBatch.TryCommit(
                family, services.Take(), transaction => socket.Commit("cannot change services", transaction)));
            Assert.Empty(IptablesRepair.Of(services, Read(lab, family)).Differences);
        }
        Assert.Matches("^3 ", ServiceLab.Connect(lab.Pods[0], Vip(family, 1), 80));
        // The tool goes on with what it did not write itself.
        services.Set(now.Key, null);
        Tool(lab).Restore(family, IptablesScript.Of(services.Take()));
        Assert.Empty(IptablesRepair.Of(services, Read(lab, family)).Differences);
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void Everything_at_once_by_netlink_reads_as_the_tool_would_have_written_it(IpFamily family)
    {
        using ServiceLab lab = new(family, 7);
        using var socket = NetlinkSocket.OpenNetfilter(lab.Node.Path);
        IptablesServices services = new(family) { Scope = lab.Scope };
        foreach (var plan in All(lab, family)) services.Set(plan.Key, plan);
        services.Take();
        var repair = IptablesRepair.Of(services, Read(lab, family), batch: true);
        Tool(lab).Restore(family, repair.Script);
        Assert.DoesNotContain("KUBE-SVC-", repair.Script, StringComparison.Ordinal);
        Assert.True(IptablesBatch.TryCommit(
            family, repair.Batch, transaction => socket.Commit("cannot write services", transaction)));
        Assert.Empty(IptablesRepair.Of(services, Read(lab, family)).Differences);
        Assert.Matches("^[1-7] ", ServiceLab.Connect(lab.Pods[0], Vip(family, 1), 80));
    }

    [Fact]
    public void A_rule_that_is_to_be_found_among_others_is_left_to_the_tool()
    {
        using ServiceLab lab = new(IpFamily.V4, 1);
        var services = Loaded(lab, IpFamily.V4, lab.Scope, Plan(lab, IpFamily.V4, 1, 1));
        services.Set(Plan(lab, IpFamily.V4, 1).Key, null);
        Assert.False(IptablesBatch.TryCommit(IpFamily.V4, services.Take(), _ => Assert.Fail("something is done")));
    }
}

public sealed class IptablesLegacyServicesKernelTests() : IptablesServicesKernelTests(IptablesBackend.Legacy);

public abstract class IptablesServicesKernelTests(IptablesBackend backend) : ServiceScenes
{
    private static readonly string[] Tables = ["filter", "nat"];

    protected override void Load(ServiceLab lab, IpFamily family, params ServicePortPlan[] plans) =>
        Loaded(lab, family, lab.Scope, plans);

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void The_tool_saves_what_was_written(IpFamily family)
    {
        using ServiceLab lab = new(family, 7);
        var services = Loaded(lab, family, lab.Scope, All(lab, family));
        var repair = IptablesRepair.Of(services, Read(lab, family));
        Assert.Empty(repair.Differences);
        Assert.Equal("", repair.Script);
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void A_change_rewrites_its_own_chains_and_removal_leaves_nothing(IpFamily family)
    {
        using ServiceLab lab = new(family, 3);
        var services = Loaded(lab, family, lab.Scope,
            Plan(lab, family, 1, 1, 2) with { NodePort = 30080 }, Plan(lab, family, 2, 1));
        ServicePortPlan[] changes =
        [
            Plan(lab, family, 1, 3) with { ExternalLocal = true, NodePort = 30080 },
            Plan(lab, family, 1) with { NodePort = 30080 },
            Plan(lab, family, 1, 3) with { AffinitySeconds = 70 },
        ];
        foreach (var change in changes)
        {
            services.Set(change.Key, change);
            Tool(lab).Restore(family, IptablesScript.Of(services.Take()));
            Assert.Empty(IptablesRepair.Of(services, Read(lab, family)).Differences);
            Assert.Matches(change.HasEndpoints ? "^3 " : "ConnectionRefused",
                ServiceLab.Connect(lab.Pods[0], Vip(family, 1), 80));
        }
        services.Set(changes[0].Key, null);
        Tool(lab).Restore(family, IptablesScript.Of(services.Take()));
        Assert.Empty(IptablesRepair.Of(services, Read(lab, family)).Differences);
        Tool(lab).Restore(family, IptablesRepair.Removal(Read(lab, family)).Script);
        Assert.DoesNotContain(Read(lab, family).SelectMany(t => t.Chains), c => c.Policy is null || c.Rules.Length > 0);
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void Pods_of_several_ranges_keep_their_address(IpFamily family)
    {
        using ServiceLab lab = new(family, 2);
        var other = Prefix.Parse(family == IpFamily.V4 ? "10.9.0.0/16" : "fd09::/64");
        Loaded(lab, family, lab.Scope with { ClusterCidrs = [other, .. lab.Scope.ClusterCidrs] },
            Plan(lab, family, 1, 1));
        Assert.Equal($"1 {lab.PodAddress(2)}", ServiceLab.Connect(lab.Pods[1], Vip(family, 1), 80));
        Assert.DoesNotContain(
            lab.OutsideAddress, ServiceLab.Connect(lab.Outside, Vip(family, 1), 80), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_line_is_named_in_the_tools_words()
    {
        using ServiceLab lab = new(IpFamily.V4, 0);
        var error = Assert.Throws<IOException>(
            () => Tool(lab).Restore(IpFamily.V4, "*nat\n-A KUBE-NOPE -j ACCEPT\nCOMMIT\n"));
        Assert.Contains("line 2 failed", error.Message, StringComparison.Ordinal);
        Assert.Contains("'-A KUBE-NOPE -j ACCEPT'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_interface_that_holds_rules_is_the_one_to_use()
    {
        using ServiceLab lab = new(IpFamily.V4, 0);
        lab.Node.Run($"{Tool(lab).Name(IpFamily.V4)} -t nat -N KUBE-SERVICES");
        Assert.Equal(backend, IptablesTool.Detect(lab.Node.Path).Backend);
    }

    /// <summary>Services of every kind.</summary>
    protected static ServicePortPlan[] All(ServiceLab lab, IpFamily family)
    {
        var all = Plan(lab, family, 1, 1, 2, 3, 4, 5, 6, 7);
        return
        [
            all with { AffinitySeconds = 600, NodePort = 30080, HealthCheckNodePort = 32000 },
            all with
            {
                Key = new(new("ns", "guarded", "p", TransportProtocol.Sctp), family),
                ClusterIp = IpAddress.Parse(Vip(family, 2)),
                LoadBalancerVips = [IpAddress.Parse(Vip(family, 8))], ExternalIps = [IpAddress.Parse(Vip(family, 7))],
                SourceRanges = [IpAddress.Parse(lab.OutsideAddress).Host, Prefix.Default(family)], AllowsFromVips = true,
                ExternalLocal = true, InternalLocal = true, LocalEndpoints = all.ClusterEndpoints,
            },
            Plan(lab, family, 3) with { NodePort = 30082, ExternalIps = [IpAddress.Parse(Vip(family, 6))] },
            Plan(lab, family, 4) with { InternalLocal = true, HasEndpoints = true },
        ];
    }

    protected IptablesServices Loaded(
        ServiceLab lab, IpFamily family, ServicesScope scope, params ServicePortPlan[] plans)
    {
        IptablesServices services = new(family) { Scope = scope };
        foreach (var plan in plans) services.Set(plan.Key, plan);
        services.Take();
        Tool(lab).Restore(family, IptablesRepair.Of(services, Read(lab, family)).Script);
        return services;
    }

    protected List<IptablesTable> Read(ServiceLab lab, IpFamily family) =>
        [.. Tables.SelectMany(t => IptablesSave.Parse(Tool(lab).Save(family, t), family, backend))];

    protected IptablesTool Tool(ServiceLab lab) => new(backend, lab.Node.Path);
}
