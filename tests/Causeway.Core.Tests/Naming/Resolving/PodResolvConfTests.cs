using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Resolving;
using CsCheck;

namespace Causeway.Core.Tests.Naming.Resolving;

public sealed class PodResolvConfTests
{
    private static readonly ResolvConf NodeFile =
        ResolvConf.Read("nameserver 9.9.9.9\nsearch corp.example.\noptions timeout:1\n");

    private static readonly NodeDns Node = new([IpAddress.Parse("10.96.0.10")], "cluster.local", NodeFile);

    private const string Cluster = "search ns.svc.cluster.local svc.cluster.local cluster.local corp.example\n"
        + "nameserver 10.96.0.10\noptions ndots:5\n";

    private const string Own = "search corp.example\nnameserver 9.9.9.9\noptions timeout:1\n";

    [Theory]
    [InlineData(null, false, Cluster)]
    [InlineData("ClusterFirst", false, Cluster)]
    [InlineData("ClusterFirst", true, Own)]
    [InlineData("ClusterFirstWithHostNet", true, Cluster)]
    [InlineData("Default", false, Own)]
    [InlineData("None", false, "")]
    public void The_policy_says_whose_names_a_pod_asks(string? policy, bool hostNetwork, string expected) =>
        Assert.Equal(expected, Conf(policy, hostNetwork));

    [Fact]
    public void A_pods_own_settings_come_after_and_options_replace()
    {
        var config = new PodDnsConfig(["1.1.1.1", "10.96.0.10"], ["x.y", "cluster.local"],
            [new("ndots", "2"), new("edns0"), new("edns0", "")]);
        Assert.Equal(
            "search ns.svc.cluster.local svc.cluster.local cluster.local corp.example x.y\n"
            + "nameserver 10.96.0.10\nnameserver 1.1.1.1\noptions ndots:2 edns0\n", Conf(null, false, config));
        Assert.Equal("search x.y cluster.local\nnameserver 1.1.1.1\nnameserver 10.96.0.10\noptions ndots:2 edns0\n",
            Conf("None", false, config));
    }

    [Fact]
    public void Without_a_cluster_server_the_node_serves_and_the_pod_is_told()
    {
        var made = PodResolvConf.Of(new("ns", null, false, null), Node with { ClusterServers = [] });
        Assert.Equal(Own, made.Conf.ToString());
        Assert.Equal("MissingClusterDNS", Assert.Single(made.Warnings).Reason);
    }

    [Fact]
    public void What_is_beyond_the_limits_is_cut_and_told()
    {
        var config = new PodDnsConfig(
            ["1.1.1.1", "1.1.1.2", "1.1.1.3"], [.. Enumerable.Range(0, 40).Select(i => $"d{i}.example")]);
        var made = PodResolvConf.Of(new("ns", null, false, config), Node);
        Assert.Equal(["10.96.0.10", "1.1.1.1", "1.1.1.2"], made.Conf.Nameservers.Select(n => n.ToString()));
        Assert.Equal(32, made.Conf.Searches.Length);
        Assert.All(made.Warnings, w => Assert.Equal("DNSConfigForming", w.Reason));
        Assert.Contains(made.Warnings, w => w.Message
            == "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: "
            + "10.96.0.10 1.1.1.1 1.1.1.2");
        Assert.Contains(made.Warnings, w => w.Message.EndsWith("d26.example d27.example", StringComparison.Ordinal));
    }

    [Fact]
    public void The_limits_hold_whatever_a_pod_says()
    {
        var domain = Gen.Int[1, 300].Select(n => new string('a', n));
        domain.Array[0, 50].Sample(domains =>
        {
            var made = PodResolvConf.Of(new("ns", "None", false, new([], domains)), Node);
            var kept = made.Conf.Searches.Select(s => s.Name).ToList();
            Assert.True(kept.Count <= 32);
            Assert.True(string.Join(' ', kept).Length <= 2048);
            Assert.All(kept, k => Assert.True(k.Length <= 253));
            Assert.Equal(kept.Count < domains.Distinct().Count(), made.Warnings.Length > 0);
            Assert.Equal(kept, domains.Distinct().Where(kept.Contains));
        });
    }

    private static string Conf(string? policy, bool hostNetwork, PodDnsConfig? config = null) =>
        PodResolvConf.Of(new("ns", policy, hostNetwork, config), Node).Conf.ToString();
}
