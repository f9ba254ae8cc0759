using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;
using Causeway.Core.Services.Ipvs;
using Causeway.Core.Wire.Netlink;
using CsCheck;

namespace Causeway.Core.Tests.Services;

public sealed class IpvsServicesTests
{
    private static readonly IpAddress[] Node =
        [IpAddress.Parse("172.30.0.11"), IpAddress.Parse("192.168.7.1"), IpAddress.Parse("fd00:30::11")];

    private static readonly ServicePortPlan Plan = new()
    {
        Key = new(new("ns", "web", "http"), IpFamily.V4), ClusterIp = IpAddress.Parse("10.96.0.1"), Port = 80,
        HasEndpoints = true,
        ClusterEndpoints =
        [
            new(IpAddress.Parse("10.244.1.5"), 8080, IsLocal: true) { Node = "n1" },
            new(IpAddress.Parse("10.244.2.6"), 8080) { Node = "n2" },
        ],
    };

    [Fact]
    public void Changes_add_up_to_the_full_rendering() => Gen.Int[0, int.MaxValue - 1].Sample(seed =>
    {
        RandomServices random = new(seed, collisions: true);
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            IpvsServices rendered = new(family, new());
            SortedSet<string> kernel = new(StringComparer.Ordinal);
            ServicesPlanner planner = new(RandomServices.Node, rendered.Set);
            foreach (var pool in RandomServices.Pools) planner.Set(pool);
            planner.Set(RandomServices.NodeObject);
            for (var i = 0; i < 30; i++)
            {
                KubeObject item = random.Chance(0.4)
                    ? random.Service(random.Next(4)) : random.Slice(random.Next(4), random.Next(3), random.Chance(0.5));
                if (random.Chance(0.3)) planner.Remove(item);
                else planner.Set(item);
                if (random.Chance(0.2)) rendered.SetNodeAddresses(Node.Take(random.Next(4)));
                if (random.Chance(0.5)) Apply(rendered.Take(), kernel);
            }
            rendered.SetNodeAddresses(Node);
            Apply(rendered.Take(), kernel);
            Assert.True(rendered.Take().IsEmpty);

            IpvsServices fresh = new(family, new());
            fresh.SetNodeAddresses(Node.Reverse());
            foreach (var (key, plan) in planner.Plan().Ports.Reverse()) fresh.Set(key, plan);
            Assert.Equal(Everything(fresh), Everything(rendered));
            Assert.Equal(Everything(fresh), kernel);
            Assert.Equal(fresh.Barred, rendered.Barred);
        }
    }, iter: 300);

    [Fact]
    public void A_service_is_virtual_servers_with_real_ones_addresses_and_members_of_sets()
    {
        IpvsServices services = new(IpFamily.V4, new("mh"));
        services.SetNodeAddresses(Node);
        services.Set(Plan.Key, Plan with
        {
            NodePort = 30080, AffinitySeconds = 60, LoadBalancerVips = [IpAddress.Parse("203.0.113.1")],
            SourceRanges = [Prefix.Parse("0.0.0.0/0"), Prefix.Parse("198.51.100.7/32")],
        });
        Assert.Equal(
            """
            10.96.0.1 on kube-ipvs0
            203.0.113.1 on kube-ipvs0
            KUBE-CLUSTER-IP 10.96.0.1,tcp:80
            KUBE-IPVS-IPS 10.96.0.1
            KUBE-IPVS-IPS 203.0.113.1
            KUBE-LOAD-BALANCER 203.0.113.1,tcp:80
            KUBE-LOAD-BALANCER-FW 203.0.113.1,tcp:80
            KUBE-LOAD-BALANCER-SOURCE-CIDR 203.0.113.1,tcp:80,0.0.0.0/1
            KUBE-LOAD-BALANCER-SOURCE-CIDR 203.0.113.1,tcp:80,128.0.0.0/1
            KUBE-LOAD-BALANCER-SOURCE-CIDR 203.0.113.1,tcp:80,198.51.100.7
            KUBE-LOOP-BACK 10.244.1.5,tcp:8080,10.244.1.5
            KUBE-NODE-PORT-TCP 30080
            tcp 10.96.0.1:80 -> tcp 10.244.1.5:8080
            tcp 10.96.0.1:80 -> tcp 10.244.2.6:8080
            tcp 10.96.0.1:80 mh persistent 60
            tcp 172.30.0.11:30080 -> tcp 10.244.1.5:8080
            tcp 172.30.0.11:30080 -> tcp 10.244.2.6:8080
            tcp 172.30.0.11:30080 mh persistent 60
            tcp 192.168.7.1:30080 -> tcp 10.244.1.5:8080
            tcp 192.168.7.1:30080 -> tcp 10.244.2.6:8080
            tcp 192.168.7.1:30080 mh persistent 60
            tcp 203.0.113.1:80 -> tcp 10.244.1.5:8080
            tcp 203.0.113.1:80 -> tcp 10.244.2.6:8080
            tcp 203.0.113.1:80 mh persistent 60
            """, string.Join('\n', Everything(services)));
        Assert.Equal("tcp 203.0.113.1:80", services.Barred.Single().ToString());
    }

    [Fact]
    public void One_remote_endpoint_more_is_one_real_server()
    {
        IpvsServices services = new(IpFamily.V4, new());
        services.Set(Plan.Key, Plan);
        services.Take();
        services.Set(Plan.Key, Plan with
        {
            ClusterEndpoints = [.. Plan.ClusterEndpoints, new(IpAddress.Parse("10.244.3.7"), 8080) { Node = "n3" }],
        });
        var change = services.Take();
        Assert.Equal("tcp 10.96.0.1:80 -> tcp 10.244.3.7:8080", change.Reals.Added.Single().Key.ToString());
        Assert.True(change is { Members.IsEmpty: true, Addresses.IsEmpty: true, Servers.IsEmpty: true });
        Assert.Empty(change.Reals.Removed);
    }

    [Fact]
    public void Under_Local_external_addresses_have_the_local_endpoints_and_all_where_there_is_none()
    {
        var local = Plan with
        {
            ExternalLocal = true, ExternalIps = [IpAddress.Parse("192.0.2.9")],
            LocalEndpoints = [Plan.ClusterEndpoints[0]],
        };
        Assert.Equal(["10.244.1.5"], At(local));
        Assert.Equal(["10.244.1.5", "10.244.2.6"], At(local with { LocalEndpoints = [] }));
        Assert.Empty(At(local with { LocalEndpoints = [], ClusterEndpoints = [], HasEndpoints = false }));

        static string[] At(ServicePortPlan plan)
        {
            IpvsServices services = new(IpFamily.V4, new());
            services.Set(plan.Key, plan);
            Assert.Contains(services.Members, m => m == new IpvsMember(IpvsSets.ExternalIpLocal, "192.0.2.9,tcp:80"));
            return [.. services.Reals.Where(r => r.Server.Address == plan.ExternalIps[0])
                .Select(r => r.Address.ToString()).Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [InlineData("", "KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP src,dst -j KUBE-MARK-MASQ")]
    [InlineData("10.1.0.0/16",
        "KUBE-SERVICES ! -s 10.1.0.0/16 -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ")]
    [InlineData("10.1.0.0/16 10.2.0.0/16",
        "KUBE-SERVICES -s 10.2.0.0/16 -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT")]
    public void Sources_outside_the_pools_are_masqueraded(string pools, string rule)
    {
        ServicesScope scope = new()
        {
            ClusterCidrs = [.. pools.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => Prefix.Parse(p))],
        };
        Assert.Contains("-A " + rule, IpvsRules.Script(IpFamily.V4, scope, [], []).Split('\n'));
    }

    [Fact]
    public void Every_rule_goes_to_a_chain_that_is_declared_and_names_fit()
    {
        IpvsKey barred = new(TransportProtocol.Udp, IpAddress.Parse("2001:db8::1"), 53);
        var lines = IpvsRules.Script(IpFamily.V6, new(), [barred], IpvsRules.Jumps).Split('\n');
        var chains = lines.Where(l => l.StartsWith(':')).Select(l => l[1..l.IndexOf(' ')]).ToHashSet();
        foreach (var target in lines.Where(l => l.Contains("-j KUBE-", StringComparison.Ordinal)))
            Assert.Contains(target[(target.IndexOf("-j KUBE-", StringComparison.Ordinal) + 3)..].Split(' ')[0], chains);
        Assert.Contains(
            "-A KUBE-IPVS-OUT-FILTER -s 2001:db8::1/128 -m ipvs --vaddr 2001:db8::1/128 --vproto 17 --vport 53 -j DROP",
            lines);
        Assert.Equal("KUBE-6-LOAD-BALANCER-SOURCE-CID", IpvsSets.SourceCidr.Name(IpFamily.V6));
        Assert.All(IpvsSets.All, s => Assert.InRange(s.Name(IpFamily.V6).Length, 1, 31));
        Assert.Equal(IpvsSets.All.Length, IpvsSets.All.Select(s => s.Name(IpFamily.V6)).Distinct().Count());
    }

    private static void Apply(IpvsChange change, SortedSet<string> kernel)
    {
        Apply(change.Members, kernel, (m, _) => Print(m));
        Apply(change.Addresses, kernel, (a, _) => Print(a));
        Apply(change.Reals, kernel, (r, _) => r.ToString());
        foreach (var (key, options) in change.Servers.Added) Assert.True(kernel.Add($"{key} {options}"));
        foreach (var (key, options) in change.Servers.Changed)
        {
            Assert.Equal(1, kernel.RemoveWhere(l => l.StartsWith($"{key} rr", StringComparison.Ordinal)));
            Assert.True(kernel.Add($"{key} {options}"));
        }
        foreach (var key in change.Servers.Removed)
            Assert.Equal(1, kernel.RemoveWhere(l => l.StartsWith($"{key} rr", StringComparison.Ordinal)));
    }

    private static void Apply<TKey>(
        LedgerChange<TKey, Present> change, SortedSet<string> kernel, Func<TKey, Present, string> print)
    {
        Assert.Empty(change.Changed);
        foreach (var key in change.Removed) Assert.True(kernel.Remove(print(key, default)));
        foreach (var (key, value) in change.Added) Assert.True(kernel.Add(print(key, value)));
    }

    private static SortedSet<string> Everything(IpvsServices services) => new(
    [
        .. services.Servers.Select(s => $"{s.Key} {s.Value}"), .. services.Reals.Select(r => r.ToString()),
        .. services.Addresses.Select(Print), .. services.Members.Select(Print),
    ], StringComparer.Ordinal);

    private static string Print(IpAddress address) => $"{address} on {IpvsSettings.Device}";

    private static string Print(IpvsMember member) => $"{member.Set.Kind} {member.Text}";
}
