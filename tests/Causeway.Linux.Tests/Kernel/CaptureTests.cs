using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Linux.Kernel;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Kernel;

/// <summary>A capture by netlink holds what the kernel's own tools say of the same namespace.</summary>
public sealed class CaptureTests : IDisposable
{
    private const string Scene = """
        ip link set lo up
        ip link add eth0 type veth peer name wire && ip link set wire up && ip link set eth0 up alias 'of the test'
        ip link add br0 type bridge && ip link set wire master br0
        ip addr add 192.0.2.1/24 dev eth0 && ip addr add 2001:db8::1/64 dev eth0 nodad
        ip link add cwvxlan type vxlan id 4096 local 192.0.2.1 dev eth0 dstport 4789 nolearning && ip link set cwvxlan up
        ip link add vx6 type vxlan id 7 local 2001:db8::1 dstport 8472
        ip addr add 10.65.0.0/32 dev cwvxlan
        bridge fdb append 00:00:00:00:00:00 dst 192.0.2.4 dev cwvxlan
        bridge fdb append 00:00:00:00:00:00 dst 192.0.2.5 dev cwvxlan
        bridge fdb add 02:00:00:00:00:01 dst 192.0.2.5 dev cwvxlan
        bridge fdb add 02:00:00:00:00:02 dev wire master static
        ip neigh add 10.65.1.0 lladdr 02:00:00:00:00:01 dev cwvxlan nud permanent proto 202
        ip neigh add fd00:1:: lladdr 02:00:00:00:00:01 dev cwvxlan nud permanent
        ip neigh add proxy fe80::1 dev eth0 && ip neigh add proxy 10.1.2.3 dev eth0
        ip route add 10.65.1.0/26 via 10.65.1.0 dev cwvxlan onlink proto 202
        ip route add blackhole 10.65.0.0/26 proto 202 && ip -6 route add blackhole fd00::/122 proto 202
        ip -6 route add unreachable fd01::/122 && ip route add prohibit 10.9.0.0/16 metric 7
        ip route add 10.65.3.0/26 via inet6 fe80::7 dev eth0 mtu 1400 metric 5 src 192.0.2.1
        ip route add 10.65.4.0/26 nexthop via 192.0.2.2 dev eth0 weight 3 nexthop via inet6 fe80::9 dev eth0 onlink
        ip -6 route add fd02::/64 nexthop via 2001:db8::2 dev eth0 nexthop via 2001:db8::3 dev eth0 weight 2
        ip -6 route add default via 2001:db8::9 dev eth0 && ip -6 route add fd03::/64 dev eth0 metric 3 mtu 1300
        ip route add default dev eth0 table 70000 && ip route add default via 192.0.2.9
        ip rule add prio 7 not from 10.0.0.0/8 to 10.1.0.0/16 fwmark 1/3 iif eth0 lookup 70000 protocol 202
        ip rule add prio 8 prohibit && ip rule add prio 9 oif none goto 100 && ip rule add prio 10 fwmark 5 lookup main
        ip -6 rule add prio 9 from fd00::7 blackhole
        """;

    private readonly TestNamespace _node = new();
    private readonly KernelDriver _driver;

    public CaptureTests()
    {
        _node.Run("set -e\n" + Scene);
        _driver = KernelDriver.Open(_node.Path);
    }

    public void Dispose()
    {
        _driver.Dispose();
        _node.Dispose();
    }

    [Fact]
    public void OursIsOneTableAmongMany()
    {
        Assert.Empty(_driver.CaptureOurs(EntryKind.NftTable).Entries);
        _node.Run("nft add table inet causeway; nft add table ip kube-proxy; nft add table ip causeway");
        Assert.Equal(["inet causeway"], _driver.CaptureOurs(EntryKind.NftTable).All<NftTable>().Select(t => t.Key.Name));
        Assert.Equal(3, _driver.Capture(EntryKind.NftTable).All<NftTable>().Count());
    }

    [Fact]
    public void OursIsAsItIsNowWhoeverChangedIt()
    {
        _node.Run("nft add table inet causeway");
        Assert.Empty(Ours().Chains);
        Assert.Same(Ours(), Ours());
        _node.Run("nft add chain inet causeway x");
        Assert.Equal("x", Assert.Single(Ours().Chains).Name);
        _node.Run("nft add table ip other");
        Assert.Single(Ours().Chains);
        _node.Run("nft delete table inet causeway");
        Assert.Empty(_driver.CaptureOurs(EntryKind.NftTable).Entries);

        NftTable Ours() => Assert.Single(_driver.CaptureOurs(EntryKind.NftTable).All<NftTable>());
    }

    [Fact]
    public void LinksAreThoseOfIpLink() =>
        AssertSame(() => DataplaneJson.ParseLinks(Output("ip -j -d link")));

    [Fact]
    public void AddressesAreThoseOfIpAddr() =>
        AssertSame(() => DataplaneJson.ParseAddresses(Output("ip -j addr")));

    [Fact]
    public void RoutesAreThoseOfIpRoute() => AssertSame<Route>(() =>
    [
        .. DataplaneJson.ParseRoutes(Output("ip -4 -j -d route show table all")),
        .. DataplaneJson.ParseRoutes(Output("ip -6 -j -d route show table all")),
    ]);

    [Fact]
    public void RulesAreThoseOfIpRule() => AssertSame<Rule>(() =>
    [
        .. DataplaneJson.ParseRules(Output("ip -4 -j -d rule"), IpFamily.V4),
        .. DataplaneJson.ParseRules(Output("ip -6 -j -d rule"), IpFamily.V6),
    ]);

    [Fact]
    public void NeighboursAreThoseOfIpNeigh() => AssertSame<Neighbour>(() =>
    [
        .. DataplaneJson.ParseNeighbours(Output("ip -j neigh show nud all")),
        .. DataplaneJson.ParseNeighbours(Output("ip -j neigh show proxy")),
        .. DataplaneJson.ParseNeighbours(Output("ip -6 -j neigh show proxy")),
    ]);

    [Fact]
    public void ForwardingEntriesAreThoseOfBridge() =>
        AssertSame(() => DataplaneJson.ParseFdb(Output("bridge -j fdb")));

    [Fact]
    public void TheTextOfARouteIsTheToolsOwn()
    {
        var lines = _node.Run("ip route").Split('\n').Select(l => l.Trim()).ToHashSet();
        var ours = _driver.Capture(EntryKind.Route).All<Route>().Where(r =>
            r.Table == Route.MainTable && r.Destination.Family == IpFamily.V4 && r.NextHops.IsEmpty && r.Mtu is null);
        Assert.All(ours, r => Assert.Contains(
            r.ToString().Replace(" proto boot", "", StringComparison.Ordinal), lines));
    }

    /// <summary>The kernel still works on addresses and neighbours when a scene is set, so both are read
    /// until they agree; that they never do is the failure.</summary>
    private void AssertSame<T>(Func<IReadOnlyList<T>> tool) where T : Entry
    {
        List<T> expected = [], actual = [];
        for (var attempt = 0; attempt < 50; attempt++)
        {
            expected = [.. tool().DistinctBy(e => e.Key).OrderBy(e => e.ToString(), StringComparer.Ordinal).ThenBy(e => e.Key.Prefix)];
            actual = [.. _driver.Capture().All<T>().OrderBy(e => e.ToString(), StringComparer.Ordinal).ThenBy(e => e.Key.Prefix)];
            if (expected.SequenceEqual(actual)) break;
        }
        Assert.Equal(expected.Select(e => e.ToString()), actual.Select(e => e.ToString()));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second));
        Assert.NotEmpty(actual);
    }

    private byte[] Output(string command) => Encoding.UTF8.GetBytes(_node.Run(command));
}
