using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipvs;
using Causeway.Core.Services;
using Causeway.Core.Services.Ipvs;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Kernel;
using Causeway.Linux.Tests.Services;

namespace Causeway.Vm.Tests.Services;

public sealed class IpvsBackendV4Tests(IpvsLabV4 lab) : IpvsBackendTests(lab), IClassFixture<IpvsLabV4>;

public sealed class IpvsBackendV6Tests(IpvsLabV6 lab) : IpvsBackendTests(lab), IClassFixture<IpvsLabV6>;

/// <summary>Services in the kernel's IPVS, with real connections. The tests share a lab: each has services of its
/// own.</summary>
[Collection("one at a time")]
public abstract class IpvsBackendTests(IpvsLab lab)
{
    private ServiceLab Lab => lab.Lab;

    private static Dictionary<char, int> Spread(IEnumerable<string> answers) =>
        answers.GroupBy(a => a[0]).ToDictionary(g => g.Key, g => g.Count());

    private string[] Connect(int times, int vip, int from = 2) =>
        [.. Enumerable.Range(0, times).Select(_ => ServiceLab.Connect(Lab.Pods[from], lab.Vip(vip), 80))];

    [Fact]
    public void A_cluster_ip_reaches_its_endpoints_in_turn_and_keeps_a_pods_address()
    {
        lab.Tell(lab.Plan(1, [1, 2]));
        var answers = Connect(40, 1);
        Assert.All(answers, a => Assert.EndsWith(" " + Lab.PodAddress(3), a));
        Assert.Equal(20, Spread(answers)['1']);
        // From the node itself and from outside: masqueraded, so that the answer comes back the same way.
        Assert.Matches("^[12] ", ServiceLab.Connect(Lab.Node, lab.Vip(1), 80));
        var outside = ServiceLab.Connect(Lab.Outside, lab.Vip(1), 80);
        Assert.Matches("^[12] ", outside);
        Assert.DoesNotContain(Lab.OutsideAddress, outside, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_reaches_itself_through_its_service()
    {
        lab.Tell(lab.Plan(2, [1]));
        var answer = ServiceLab.Connect(Lab.Pods[0], lab.Vip(2), 80);
        Assert.StartsWith("1 ", answer);
        Assert.DoesNotContain(Lab.PodAddress(1), answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_endpoints_and_at_other_ports_a_connection_is_refused_at_once()
    {
        lab.Tell(lab.Plan(3, []), lab.Plan(4, [], TransportProtocol.Udp));
        // IPVS refuses by ICMP, of which the kernel sends few to one address in a second.
        Lab.Node.Run("sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0");
        Assert.Equal("ConnectionRefused", IpvsLab.Ask(Lab.Pods[0], lab.Vip(4)));
        Assert.Equal("ConnectionRefused", ServiceLab.Connect(Lab.Pods[0], lab.Vip(3), 80, 9000));
        Assert.Equal("ConnectionRefused", ServiceLab.Connect(Lab.Pods[0], lab.Vip(3), 8080, 9000));
    }

    [Fact]
    public void A_client_keeps_its_endpoint()
    {
        lab.Tell(lab.Plan(5, [1, 2]) with { AffinitySeconds = 600, NodePort = 30005 });
        foreach (var (address, port) in new[] { (lab.Vip(5), 80), (Lab.NodeAddress, 30005) })
            Assert.Single(Spread(Enumerable.Range(0, 10).Select(_ => ServiceLab.Connect(Lab.Pods[2], address, port))));
    }

    [Fact]
    public void A_node_port_masquerades_under_Cluster_and_keeps_the_client_under_Local()
    {
        var local = lab.Plan(7, [1, 2]);
        lab.Tell(
            lab.Plan(6, [1]) with { NodePort = 30006 },
            local with { NodePort = 30007, ExternalLocal = true, LocalEndpoints = [local.ClusterEndpoints[0]] });
        var cluster = ServiceLab.Connect(Lab.Outside, Lab.NodeAddress, 30006);
        Assert.StartsWith("1 ", cluster);
        Assert.DoesNotContain(Lab.OutsideAddress, cluster, StringComparison.Ordinal);
        var kept = Enumerable.Range(0, 10).Select(_ => ServiceLab.Connect(Lab.Outside, Lab.NodeAddress, 30007));
        Assert.Equal([$"1 {Lab.OutsideAddress}"], kept.Distinct());
        Assert.Equal(['1', '2'], Spread(Connect(10, 7)).Keys.Order());
        Assert.StartsWith("1 ", ServiceLab.Connect(Lab.Node, Lab.NodeAddress, 30006));
    }

    [Fact]
    public void Only_the_source_ranges_reach_a_guarded_load_balancer()
    {
        var (guarded, open) = (lab.Vip(108), lab.Vip(109));
        lab.Tell(lab.Plan(8, [1]) with
        {
            LoadBalancerVips = [IpAddress.Parse(guarded)], ExternalIps = [IpAddress.Parse(open)],
            SourceRanges = [IpAddress.Parse(Lab.OutsideAddress).Host],
        });
        Assert.StartsWith("1 ", ServiceLab.Connect(Lab.Outside, guarded, 80));
        Assert.Equal("TimedOut", ServiceLab.Connect(Lab.Pods[1], guarded, 80, 500));
        Assert.Equal("TimedOut", ServiceLab.Connect(Lab.Node, guarded, 80, 500));
        Assert.StartsWith("1 ", ServiceLab.Connect(Lab.Pods[1], open, 80));
    }

    [Fact]
    public void Datagrams_are_spread_and_a_removed_endpoint_gets_none()
    {
        lab.Tell(lab.Plan(10, [1, 2], TransportProtocol.Udp));
        Assert.Equal(['1', '2'], Spread(Enumerable.Range(0, 10).Select(_ => IpvsLab.Ask(Lab.Pods[2], lab.Vip(10)))).Keys.Order());
        var left = lab.Plan(10, [2], TransportProtocol.Udp);
        lab.Tell(left);
        Assert.All(Enumerable.Range(0, 6), _ => Assert.Equal("2", IpvsLab.Ask(Lab.Pods[2], lab.Vip(10))));
        Assert.Single(lab.Ipvs.Servers(new(TransportProtocol.Udp, left.ClusterIp, 80)));
    }

    [Fact]
    public async Task A_removed_endpoint_keeps_its_connections_until_they_end()
    {
        var plan = lab.Plan(11, [1], port: 9090);
        IpvsKey key = new(TransportProtocol.Tcp, plan.ClusterIp, 80);
        lab.Tell(plan);
        using (var socket = IpvsLab.Open(Lab.Pods[2], lab.Vip(11)))
        {
            Assert.Equal("1", IpvsLab.Say(socket));
            lab.Tell(lab.Plan(11, [2], port: 9090));
            Assert.True(lab.Backend.LooksIntact());
            Assert.Empty(lab.Resync());
            Assert.Equal(["1 weight 0", "2 weight 1"], Weights());
            Assert.Equal("1", IpvsLab.Say(socket));
            using (var other = IpvsLab.Open(Lab.Pods[2], lab.Vip(11))) Assert.Equal("2", IpvsLab.Say(other));
            // Reset: forgotten in 10 seconds instead of two minutes.
            socket.LingerState = new(true, 0);
        }
        while (Weights().Length > 1)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            Assert.True(lab.Backend.LooksIntact());
        }
        Assert.Equal(["2 weight 1"], Weights());

        string[] Weights() => [.. lab.Ipvs.Servers(key).OrderBy(s => s.Address)
            .Select(s => $"{(s.Address.ToString() == Lab.PodAddress(1) ? 1 : 2)} weight {s.Weight}")];
    }

    [Fact]
    public void An_endpoint_that_comes_back_while_it_drains_serves_again()
    {
        lab.Tell(lab.Plan(12, [1, 2]));
        lab.Tell(lab.Plan(12, [2]));
        Assert.Equal(['2'], Spread(Connect(4, 12)).Keys);
        lab.Tell(lab.Plan(12, [1, 2]));
        Assert.Equal(['1', '2'], Spread(Connect(4, 12)).Keys.Order());
        lab.Withdraw(lab.Plan(12, []));
        Assert.Null(lab.Ipvs.Find(new(TransportProtocol.Tcp, IpAddress.Parse(lab.Vip(12)), 80)));
    }

    [Fact]
    public async Task The_kernels_own_list_and_the_counters_say_what_was_planned()
    {
        var plan = lab.Plan(13, [1, 2]) with { AffinitySeconds = 90 };
        lab.Tell(plan);
        Connect(3, 13);
        using var kernel = KernelDriver.Open(Lab.Node.Path);
        var listed = kernel.Capture(EntryKind.VirtualServer).All<VirtualServer>().Single(s => s.Address == plan.ClusterIp);
        Assert.True(listed.Fulfils(new VirtualServer
        {
            Address = plan.ClusterIp, Protocol = TransportProtocol.Tcp, Port = 80, Scheduler = "rr", Persistence = 90,
            Servers = [.. plan.ClusterEndpoints.Select(e => new RealServer(e.Address, e.Port, "Masq", 1))],
        }), listed.ToString());
        // The kernel sums its counters up every two seconds.
        while (lab.Ipvs.Find(new(TransportProtocol.Tcp, plan.ClusterIp, 80))!.Statistics.Connections != 3)
            await Task.Delay(200, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void What_foreign_hands_change_is_noticed_and_repaired()
    {
        var plan = lab.Plan(14, [1, 2]);
        IpvsKey key = new(TransportProtocol.Tcp, plan.ClusterIp, 80);
        lab.Tell(plan);
        Assert.True(lab.Backend.LooksIntact());
        Assert.Empty(lab.Resync());
        IpvsReal real = new(key, plan.ClusterEndpoints[0].Address, 8080);
        var six = lab.Family == IpFamily.V4 ? "" : "6";
        var set = lab.Family == IpFamily.V4 ? "KUBE-CLUSTER-IP" : "KUBE-6-CLUSTER-IP";
        lab.Ipvs.Execute([new(IpvsVerb.Delete, key)]);
        Assert.False(lab.Backend.LooksIntact());
        Assert.Equal($"virtual server {key} was not there", lab.Resync()[0]);
        Assert.True(lab.Backend.LooksIntact());

        lab.Ipvs.Execute([new(IpvsVerb.Set, key) { Server = new(plan.ClusterEndpoints[0].Address, 8080, 7) }]);
        Assert.False(lab.Backend.LooksIntact());
        Lab.Node.Run($"ipset flush {set}; ip link del kube-ipvs0; ip{six}tables-nft -t nat -F KUBE-MARK-MASQ");
        var differences = lab.Resync();
        Assert.Contains($"real server {real} had weight 7", differences);
        Assert.Contains($"ipset {set} had no {plan.ClusterIp},tcp:80", differences);
        Assert.Contains($"{plan.ClusterIp} was not on kube-ipvs0", differences);
        Assert.Contains(
            "iptables rule 'nat -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000' was not there", differences);
        Assert.Empty(lab.Resync());
        Assert.True(lab.Backend.LooksIntact());
        Assert.Equal(['1', '2'], Spread(Connect(4, 14)).Keys.Order());
    }
}
