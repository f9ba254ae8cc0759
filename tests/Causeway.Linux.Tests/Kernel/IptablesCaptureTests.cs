using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Linux.Kernel;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Kernel;

/// <summary>What the real tools write is read, and what is printed they take again.</summary>
public sealed class IptablesCaptureTests : IDisposable
{
    private readonly TestNamespace _node = new();
    private readonly KernelDriver _driver;

    public IptablesCaptureTests()
    {
        _driver = KernelDriver.Open(_node.Path);
        _driver.Ensure(new Link { Name = "lo" });
    }

    public void Dispose()
    {
        _driver.Dispose();
        _node.Dispose();
    }

    [Theory]
    [InlineData("-t nat -A PREROUTING -d 10.96.0.1/32 -p tcp -m comment --comment \"a/b:c cluster IP\" -m tcp --dport 443 "
        + "-j DNAT --to-destination 192.168.7.1:6443")]
    [InlineData("-t nat -A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully")]
    [InlineData("-t nat -A POSTROUTING ! -o eth+ -j SNAT --to-source 10.0.0.1-10.0.0.9")]
    [InlineData("-t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 80")]
    [InlineData("-t mangle -A OUTPUT -j MARK --set-xmark 0x4000/0x4000")]
    [InlineData("-t mangle -A PREROUTING -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff")]
    [InlineData("-t raw -A PREROUTING -p udp -j NOTRACK")]
    [InlineData("-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")]
    [InlineData("-A FORWARD -m conntrack --ctstate DNAT -m statistic --mode random --probability 0.33333333349 -j DROP")]
    [InlineData("-A INPUT -p tcp -m multiport --dports 80,443,1000:2000 -m addrtype --dst-type LOCAL -j ACCEPT")]
    [InlineData("-A INPUT -p tcp -j REJECT --reject-with tcp-reset")]
    [InlineData("-A INPUT -m iprange --src-range 10.0.0.1-10.0.0.9 -m pkttype --pkt-type broadcast -j DROP")]
    [InlineData("-A INPUT -m recent --rcheck --seconds 60 --name X --mask 255.255.255.255 --rsource -j ACCEPT")]
    [InlineData("-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT")]
    [InlineData("-A INPUT -m set --match-set SOURCES src,dst -j ACCEPT")]
    public void A_rule_of_either_backend_survives(string rule)
    {
        _node.Run("ipset create SOURCES hash:ip,port");
        foreach (var backend in new[] { "iptables-nft", "iptables-legacy" })
        {
            _node.Run($"{backend} {rule}");
            var table = _driver.Capture().All<IptablesTable>().Single(t => t.Tool == backend);
            var read = Assert.Single(table.Chains.SelectMany(c => c.Rules));
            Assert.DoesNotContain(read.Matches, m => m is IptablesCondition);
            Assert.False(read.Target is IptablesUnknown, read.Line);
            _node.Run($"{backend}-restore <<'END'\n{IptablesSave.Print(table)}END");
            Assert.True(_driver.Capture()[table.Key]!.Fulfils(table));
            _node.Run($"{backend} -t {table.Name} -F");
            Assert.DoesNotContain(_driver.Capture().All<IptablesTable>(), t => t.Tool == backend);
        }
    }

    [Fact]
    public void A_chain_that_nft_added_to_a_table_of_iptables_is_read_beside_its_rules()
    {
        _node.Run("iptables-nft -A FORWARD -j ACCEPT; iptables-nft -t nat -A POSTROUTING -j MASQUERADE");
        _node.Run("nft add chain ip filter mine '{ type filter hook forward priority -5; }'; nft add rule ip filter mine drop");
        var state = _driver.Capture();
        Assert.Equal(["filter", "nat"], state.All<IptablesTable>().Select(t => t.Name).Order());
        Assert.Contains(Assert.Single(state.All<NftTable>()).Chains, c => c.Name == "mine");
    }

    [Fact]
    public void A_table_that_is_only_named_like_one_of_iptables_is_read_by_nft()
    {
        _node.Run("nft add table ip nat; nft add chain ip nat mine '{ type nat hook postrouting priority 100; }'; "
            + "nft add rule ip nat mine ct state new meta mark 5 masquerade; nft add table inet other");
        var state = _driver.Capture();
        Assert.Equal(["nat", "other"], state.All<NftTable>().Select(t => t.Name).Order());
    }

    [Fact]
    public void Both_families_are_read()
    {
        _node.Run("ip6tables-nft -A FORWARD -s fd00::/64 -p ipv6-icmp -j REJECT");
        var table = Assert.Single(_driver.Capture().All<IptablesTable>());
        Assert.Equal((IpFamily.V6, "ip6tables-nft -t filter"), (table.Family, table.ToString()));
        Assert.Equal(new IptablesReject("icmp6-port-unreachable"), table.Chains.SelectMany(c => c.Rules).Single().Target);
    }

    [Theory]
    [InlineData("hash:ip,port", "10.0.0.1,udp:53")]
    [InlineData("hash:net", "10.0.0.0/8")]
    [InlineData("hash:ip,port,ip", "10.0.0.1,tcp:80,10.0.0.1")]
    [InlineData("hash:ip,port,net", "10.0.0.1,tcp:80,10.0.0.0/8")]
    [InlineData("hash:net,port", "10.0.0.0/8,sctp:80")]
    [InlineData("bitmap:port range 30000-32767", "30080")]
    public void A_set_survives(string type, string member)
    {
        _node.Run($"ipset create S {type}; ipset add S {member}");
        var set = Assert.Single(_driver.Capture().All<IpSet>());
        Assert.Equal(member, set.Members.All.Single().Text);
        _node.Run($"ipset destroy S; ipset restore <<'END'\n{IpsetSave.Print(set)}END");
        Assert.Equal(member, Assert.Single(_driver.Capture().All<IpSet>()).Members.All.Single().Text);
    }
}
