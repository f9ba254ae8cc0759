using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.NodeLocal;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Tests.Naming.NodeLocal;

/// <summary>What a node's own cache asks of its kernel and does.</summary>
public sealed class NodeLocalPlanTests
{
    [Fact]
    public void Its_packets_are_kept_from_connection_tracking_in_both_directions()
    {
        NodeLocalPlan plan = new([NodeLocalPlan.DefaultAddress, IpAddress.Parse("fd00::a")], 53);
        var table = Assert.Single(plan.Entries.OfType<NftTable>());
        Assert.Equal(
            """
            table inet causeway-dns {
            	chain output {
            		type filter hook output priority -300; policy accept;
            		ip daddr 169.254.20.10 udp dport 53 notrack
            		ip daddr 169.254.20.10 tcp dport 53 notrack
            		ip6 daddr fd00::a udp dport 53 notrack
            		ip6 daddr fd00::a tcp dport 53 notrack
            		ip saddr 169.254.20.10 udp sport 53 notrack
            		ip saddr 169.254.20.10 tcp sport 53 notrack
            		ip6 saddr fd00::a udp sport 53 notrack
            		ip6 saddr fd00::a tcp sport 53 notrack
            	}
            	chain prerouting {
            		type filter hook prerouting priority -300; policy accept;
            		ip daddr 169.254.20.10 udp dport 53 notrack
            		ip daddr 169.254.20.10 tcp dport 53 notrack
            		ip6 daddr fd00::a udp dport 53 notrack
            		ip6 daddr fd00::a tcp dport 53 notrack
            	}
            }

            """,
            NftText.Print(table));
    }

    [Fact]
    public void It_asks_the_cluster_s_servers_over_TCP_and_the_node_s_for_the_rest()
    {
        NodeLocalPlan plan = new([NodeLocalPlan.DefaultAddress], 53);
        var text = plan.Configuration(DnsName.Parse("cluster.test"), [IpAddress.Parse("10.96.0.10")]);
        var (configuration, problems) = DnsConfiguration.Read(
            "node", text, new(_ => null, file => file == "/etc/resolv.conf" ? "nameserver 192.0.2.1\n" : null));
        Assert.Empty(problems);
        var (cluster, others) = (configuration.Servers[0], configuration.Servers[1]);
        Assert.Equal(["cluster.test.", "in-addr.arpa.", "ip6.arpa."], cluster.Keys.Select(k => k.Zone.ToString()));
        var forward = cluster.Find<ForwardSettings>()!;
        Assert.True(forward.ForceTcp);
        Assert.Equal("10.96.0.10:53", Assert.Single(forward.To).ToString());
        Assert.Equal("192.0.2.1:53", Assert.Single(others.Find<ForwardSettings>()!.To).ToString());
        Assert.All(configuration.Servers, s => Assert.Equal([NodeLocalPlan.DefaultAddress], s.Find<BindSettings>()!.Addresses));
        Assert.Equal("169.254.20.10:8080", others.Find<HealthSettings>()!.Address);
    }
}
