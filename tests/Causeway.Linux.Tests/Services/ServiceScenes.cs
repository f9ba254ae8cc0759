using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Services;

namespace Causeway.Linux.Tests.Services;

/// <summary>Rendered services in a kernel, with real connections: the same scenes for every backend.</summary>
public abstract class ServiceScenes
{
    protected static string Vip(IpFamily family, int n) => family == IpFamily.V4 ? $"10.96.0.{n}" : $"fd00:96::{n}";

    protected static ServicePortPlan Plan(ServiceLab lab, IpFamily family, int vip, params int[] pods)
    {
        ImmutableArray<ServiceEndpoint> endpoints =
            [.. pods.Select(p => new ServiceEndpoint(IpAddress.Parse(lab.PodAddress(p)), 8080, IsLocal: true))];
        return new()
        {
            Key = new(new("ns", $"s{vip}", ""), family), ClusterIp = IpAddress.Parse(Vip(family, vip)), Port = 80,
            ClusterEndpoints = endpoints, HasEndpoints = pods.Length > 0,
        };
    }

    protected static Dictionary<char, int> Spread(IEnumerable<string> answers) =>
        answers.GroupBy(a => a[0]).ToDictionary(g => g.Key, g => g.Count());

    /// <summary>Makes the lab's node serve these plans and no others.</summary>
    protected abstract void Load(ServiceLab lab, IpFamily family, params ServicePortPlan[] plans);

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void A_cluster_ip_reaches_its_endpoints_evenly_and_keeps_a_pods_address(IpFamily family)
    {
        using ServiceLab lab = new(family, 3);
        Load(lab, family, Plan(lab, family, 1, 1, 2));
        var answers = Enumerable.Range(0, 400).Select(_ => ServiceLab.Connect(lab.Pods[2], Vip(family, 1), 80)).ToArray();
        Assert.All(answers, a => Assert.EndsWith(" " + lab.PodAddress(3), a));
        Assert.InRange(Spread(answers)['1'], 120, 280);
        // From the node itself and from outside: masqueraded, so that the answer comes back the same way.
        Assert.Contains(lab.NodeAddress, ServiceLab.Connect(lab.Node, Vip(family, 1), 80), StringComparison.Ordinal);
        Assert.DoesNotContain(lab.OutsideAddress, ServiceLab.Connect(lab.Outside, Vip(family, 1), 80), StringComparison.Ordinal);
        Assert.Matches("^[12] ", ServiceLab.Connect(lab.Outside, Vip(family, 1), 80));
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void A_pod_reaches_itself_through_its_service(IpFamily family)
    {
        using ServiceLab lab = new(family, 1);
        Load(lab, family, Plan(lab, family, 1, 1));
        var answer = ServiceLab.Connect(lab.Pods[0], Vip(family, 1), 80);
        Assert.StartsWith("1 ", answer);
        Assert.DoesNotContain(lab.PodAddress(1), answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void Without_endpoints_a_connection_is_refused_at_once_and_without_local_ones_dropped(IpFamily family)
    {
        using ServiceLab lab = new(family, 1);
        Load(lab, family,
            Plan(lab, family, 1) with { NodePort = 30080 },
            Plan(lab, family, 2) with { InternalLocal = true, HasEndpoints = true });
        for (var i = 0; i < 20; i++)
            Assert.Equal("ConnectionRefused", ServiceLab.Connect(lab.Pods[0], Vip(family, 1), 80));
        foreach (var from in new[] { lab.Outside, lab.Node })
            Assert.Equal("ConnectionRefused", ServiceLab.Connect(from, lab.NodeAddress, 30080));
        // At once: no connection request had to be sent twice.
        Assert.Equal("0", lab.Pods[0].Run("awk '/^Tcp: [0-9]/ { printf $13 }' /proc/net/snmp"));
        Assert.Equal("TimedOut", ServiceLab.Connect(lab.Pods[0], Vip(family, 2), 80, 300));
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void A_client_keeps_its_endpoint(IpFamily family)
    {
        using ServiceLab lab = new(family, 4);
        var plan = Plan(lab, family, 1, 1, 2, 3) with { AffinitySeconds = 600, NodePort = 30080 };
        Load(lab, family, plan);
        foreach (var (address, port) in new[] { (Vip(family, 1), 80), (lab.NodeAddress, 30080) })
        {
            var answers = Enumerable.Range(0, 30).Select(_ => ServiceLab.Connect(lab.Pods[3], address, port)).ToArray();
            Assert.Matches("^[123] ", answers[0]);
            Assert.Single(Spread(answers));
        }
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void A_node_port_masquerades_under_Cluster_and_keeps_the_client_under_Local(IpFamily family)
    {
        using ServiceLab lab = new(family, 3);
        var local = Plan(lab, family, 2, 1, 2);
        Load(lab, family,
            Plan(lab, family, 1, 1) with { NodePort = 30080 },
            local with { NodePort = 30081, ExternalLocal = true, LocalEndpoints = [local.ClusterEndpoints[0]] },
            local with
            {
                Key = new(new("ns", "s3", ""), family), ClusterIp = IpAddress.Parse(Vip(family, 3)),
                NodePort = 30082, ExternalLocal = true,
            });
        var cluster = ServiceLab.Connect(lab.Outside, lab.NodeAddress, 30080);
        Assert.StartsWith("1 ", cluster);
        Assert.DoesNotContain(lab.OutsideAddress, cluster, StringComparison.Ordinal);
        var kept = Enumerable.Range(0, 20).Select(_ => ServiceLab.Connect(lab.Outside, lab.NodeAddress, 30081)).Distinct();
        Assert.Equal([$"1 {lab.OutsideAddress}"], kept);
        // Pods and the node itself short-circuit to all endpoints.
        foreach (var inside in new[] { lab.Pods[2], lab.Node })
        {
            var answers = Enumerable.Range(0, 60).Select(_ => ServiceLab.Connect(inside, lab.NodeAddress, 30081));
            Assert.Equal(['1', '2'], Spread(answers).Keys.Order());
        }
        Assert.Equal("TimedOut", ServiceLab.Connect(lab.Outside, lab.NodeAddress, 30082, 300));
        Assert.Matches("^[12] ", ServiceLab.Connect(lab.Pods[2], lab.NodeAddress, 30082));
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void Only_the_source_ranges_reach_a_guarded_load_balancer(IpFamily family)
    {
        using ServiceLab lab = new(family, 2);
        var open = Vip(family, 7);
        var plan = Plan(lab, family, 1, 1) with
        {
            LoadBalancerVips = [IpAddress.Parse(Vip(family, 8))], ExternalIps = [IpAddress.Parse(open)],
            SourceRanges = [IpAddress.Parse(lab.OutsideAddress).Host],
        };
        Load(lab, family, plan);
        Assert.StartsWith("1 ", ServiceLab.Connect(lab.Outside, Vip(family, 8), 80));
        Assert.Equal("TimedOut", ServiceLab.Connect(lab.Pods[1], Vip(family, 8), 80, 300));
        Assert.StartsWith("1 ", ServiceLab.Connect(lab.Pods[1], open, 80));
    }
}
