using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netlink;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Kernel;

public sealed class KernelDriverTests : IDisposable
{
    private static readonly IpAddress NodeAddress = IpAddress.Parse("192.0.2.1");

    private readonly TestNamespace _node = new();
    private readonly TestNamespace _pod = new();
    private readonly KernelDriver _driver;

    public KernelDriverTests()
    {
        _driver = KernelDriver.Open(_node.Path);
        _node.Run("ip link add eth0 type veth peer name wire && ip link set wire up && ip link set eth0 up "
            + "&& ip addr add 192.0.2.1/24 dev eth0 && ip -6 addr add 2001:db8::1/64 dev eth0 nodad");
        // A kernel worker brings carrier, and with it the link-local routes, in a moment of its choice.
        _node.Run("for i in $(seq 6000); do [ $(ip -o link | grep -c 'state UP') = 2 ] "
            + "&& [ $(ip -6 route show fe80::/64 | wc -l) = 2 ] && exit 0; sleep 0.01; done; exit 1");
    }

    public void Dispose()
    {
        _driver.Dispose();
        _node.Dispose();
        _pod.Dispose();
    }

    [Fact]
    public void AWholePlanIsAppliedOnceAndThenFulfilled()
    {
        var planned = DataplaneState.Of(Plan());
        var operations = DataplaneDiff.Compute(planned, _driver.Capture());
        Assert.Equal(planned.Count, operations.Count);
        Assert.Empty(_driver.Apply(operations));
        Assert.Empty(DataplaneDiff.Compute(planned, _driver.Capture()));
        // Again on top of itself, without knowing what is there.
        Assert.Empty(_driver.Apply([.. planned.Entries.Select(e => new Upsert(e, null)).OrderBy(o => o.Order)]));
        Assert.Empty(DataplaneDiff.Compute(planned, _driver.Capture()));
        Assert.Contains(
            "10.65.1.0/26 via 10.65.1.0 dev cwvxlan proto 202 onlink", _node.Run("ip route show 10.65.1.0/26"));
        Assert.Contains("blackhole 10.65.0.0/26 proto 202", _node.Run("ip route"));
        Assert.Contains("dst 192.0.2.2 self permanent", _node.Run("bridge fdb show dev cwvxlan"));
        Assert.Contains("masquerade", _node.Run("nft list table inet causeway"));
    }

    [Fact]
    public void RemovingThePlanLeavesTheNamespaceAsItWas()
    {
        var before = _node.Run("ip -o link | grep -v cw; ip route; ip -6 route; ip rule; nft list ruleset");
        _driver.Apply(DataplaneDiff.Compute(DataplaneState.Of(Plan()), _driver.Capture()));
        var removal = DataplaneDiff.Compute(DataplaneState.Empty, _driver.Capture());
        Assert.Empty(_driver.Apply(removal));
        Assert.Equal(before, _node.Run("ip -o link | grep -v cw; ip route; ip -6 route; ip rule; nft list ruleset"));
        // What is gone already is no fault.
        Assert.Empty(_driver.Apply(removal));
    }

    [Fact]
    public void AVxlanDeviceIsChangedInPlaceWhereTheKernelLetsAndMadeAnewWhereNot()
    {
        var device = Vxlan();
        Assert.Empty(_driver.Apply([new Upsert(device, null)]));
        var index = _driver.Link("cwvxlan")!.Index;
        Assert.Empty(_driver.Apply([new Upsert(device with { Mtu = 1400 }, null)]));
        Assert.Equal((index, 1400), (_driver.Link("cwvxlan")!.Index, _driver.Link("cwvxlan")!.Mtu));
        _node.Run("ip addr add 192.0.2.9/24 dev eth0");
        var moved = device with { Vxlan = device.Vxlan! with { Local = IpAddress.Parse("192.0.2.9") } };
        Assert.Empty(_driver.Apply([new Upsert(moved, null)]));
        Assert.Equal(index, _driver.Link("cwvxlan")!.Index);
        Assert.True(_driver.Link("cwvxlan")!.Fulfils(moved));
        var other = device with { Vxlan = device.Vxlan! with { Vni = 77 } };
        Assert.Empty(_driver.Apply([new Upsert(other, null)]));
        Assert.True(_driver.Link("cwvxlan")!.Fulfils(other));
        Assert.NotEqual(index, _driver.Link("cwvxlan")!.Index);
    }

    [Fact]
    public void AnErrorNamesTheEntryAndTheKernelsReasonAndTheRestIsDone()
    {
        Route To(string prefix, string? via, string? device) => new()
        {
            Destination = Prefix.Parse(prefix), Via = via is null ? null : IpAddress.Parse(via), Device = device,
            Protocol = Ownership.RouteProtocol,
        };
        var errors = _driver.Apply([
            new Upsert(To("10.1.0.0/24", "192.0.2.7", "eth0"), null),
            new Upsert(To("10.2.0.0/24", "203.0.113.1", "eth0"), null),
            new Upsert(To("10.3.0.0/24", null, "none"), null),
            new Upsert(To("10.4.0.0/24", "192.0.2.7", "eth0"), null),
        ]);
        Assert.Equal(
            [
                "cannot add 10.3.0.0/24 dev none proto 202: there is no device 'none'",
                "cannot add 10.2.0.0/24 via 203.0.113.1 dev eth0 proto 202: Network is unreachable (ENETUNREACH): "
                    + "Nexthop has invalid gateway",
            ],
            errors.Select(e => e.Message));
        Assert.Equal(2, _node.Run("ip route show proto 202").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void RoutesFollowADeviceThatWasMadeAnewUnderItsName()
    {
        _driver.Capture(EntryKind.Link);
        _node.Run("ip link del eth0 && ip link add eth0 type veth peer name wire && ip link set eth0 up");
        Assert.Empty(_driver.Apply([new Upsert(new Route { Destination = Prefix.Parse("10.1.0.0/24"), Device = "eth0" }, null)]));
        Assert.Contains("dev eth0", _node.Run("ip route show 10.1.0.0/24"));
    }

    [Fact]
    public void ThousandsOfRoutesGoInOneApplyAndComeBackInOneCapture()
    {
        var routes = Enumerable.Range(0, 5000).Select(i => new Route
        {
            Destination = Prefix.Of(IpAddress.V4(0x0A00_0000u + (uint)i * 64), 26), Kind = RouteKind.Blackhole,
            Protocol = Ownership.RouteProtocol,
        }).ToList();
        Assert.Empty(_driver.Apply([.. routes.Select(r => new Upsert(r, null))]));
        Assert.Equal(5000, _driver.Capture(EntryKind.Route).All<Route>().Count(r => r.Protocol == Ownership.RouteProtocol));
        Assert.Empty(_driver.Apply([.. routes.Select(r => new Delete(r))]));
        Assert.DoesNotContain(_driver.Capture(EntryKind.Route).All<Route>(), r => r.Protocol == Ownership.RouteProtocol);
    }

    [Fact]
    public void APodsPairIsBornInItsNamespaceAndItsPacketsPass()
    {
        using var podNamespace = NetworkNamespace.Open(_pod.Path);
        var mac = MacAddress.Local(0x1234);
        _driver.CreateVethPair(
            new Link { Name = "cwp0", Kind = "veth", Mtu = 1450 },
            new Link { Name = "eth0", Kind = "veth", Mtu = 1450, Mac = mac }, podNamespace);
        using var pod = KernelDriver.Open(_pod.Path);
        var gateway = IpAddress.Parse("169.254.1.1");
        pod.Ensure(
            new Link { Name = "lo" }, new Link { Name = "eth0", Kind = "veth" },
            new LinkAddress { Device = "eth0", Address = InterfaceAddress.Parse("10.65.0.2/32") },
            new LinkAddress { Device = "eth0", Address = InterfaceAddress.Parse("fd00::2/128") },
            new Neighbour { Device = "eth0", Address = gateway, Mac = _driver.Link("cwp0")!.Mac },
            new Route { Destination = gateway.Host, Device = "eth0", Scope = Scope.Link },
            new Route { Destination = Prefix.Default(IpFamily.V4), Via = gateway, Device = "eth0" },
            new Route { Destination = Prefix.Default(IpFamily.V6), Via = IpAddress.Parse("fe80::1"), Device = "eth0", Onlink = true });
        _driver.Ensure(
            new Route { Destination = Prefix.Parse("10.65.0.2/32"), Device = "cwp0", Scope = Scope.Link, Protocol = 202 });
        _pod.Run("ping -c1 -W60 192.0.2.1");
        Assert.Equal(mac, pod.Link("eth0")!.Mac);
        Assert.Equal(_driver.Link("cwp0")!.Index, pod.Link("eth0")!.PeerIndex);
        Assert.Equal(_driver.NamespaceId(podNamespace), _driver.Link("cwp0")!.PeerNamespaceId);
        var taken = Assert.Throws<NetlinkException>(() => _driver.CreateVethPair(
            new Link { Name = "cwp0", Kind = "veth" }, new Link { Name = "eth1", Kind = "veth" }, podNamespace));
        Assert.StartsWith("cannot create cwp0 with eth1: File exists (EEXIST)", taken.Message);
        Assert.True(_driver.DeleteLink("cwp0"));
        Assert.False(_driver.DeleteLink("cwp0"));
        Assert.Null(pod.Link("eth0"));
    }

    [Fact]
    public void SettingsAreThoseOfTheNamespace()
    {
        Assert.Empty(_driver.Apply([new Upsert(new Sysctl("net/ipv4/ip_forward", "1"), null)]));
        Assert.Equal("1", _driver.Capture(EntryKind.Sysctl).Sysctl("net/ipv4/ip_forward"));
        using var other = KernelDriver.Open(_pod.Path);
        Assert.Equal("0", other.Capture(EntryKind.Sysctl).Sysctl("net/ipv4/ip_forward"));
        var error = Assert.Single(_driver.Apply([new Upsert(new Sysctl("net/ipv4/conf/none/proxy_arp", "1"), null)]));
        Assert.StartsWith("cannot set net/ipv4/conf/none/proxy_arp = 1", error.Message);
    }

    [Fact]
    public void WhatCannotBeReadIsUnknown()
    {
        Assert.Empty(_driver.Capture().All<UnknownState>());
        _node.Run("iptables-legacy -A FORWARD -j DROP");
        var table = Assert.Single(_driver.Capture().All<IptablesTable>());
        Assert.Equal("iptables-legacy -t filter", table.ToString());
        Assert.Equal("-A FORWARD -j DROP", table.Chains.SelectMany(c => c.Rules).Single().Line);
        _node.Run("iptables-legacy -F");
        Assert.Empty(_driver.Capture().All<IptablesTable>());
        Assert.Empty(_driver.Capture().All<UnknownState>());
    }

    [Fact]
    public void FiltersOnDevicesAreUnknown()
    {
        _node.Run("tc qdisc add dev eth0 clsact; tc qdisc add dev wire ingress");
        Assert.Empty(_driver.Capture().All<UnknownState>());
        const string Program = "bpf bytecode '1,6 0 0 0,'";
        _node.Run($"tc filter add dev eth0 egress {Program} && tc filter add dev wire ingress {Program}");
        Assert.Equal(
            ["tc eth0", "tc wire"],
            _driver.Capture(EntryKind.Unknown).All<UnknownState>().Select(u => u.Name).Order());
    }

    private static Link Vxlan() => new()
    {
        Name = Ownership.VxlanDevice, Kind = "vxlan", Mtu = 1450, Mac = MacAddress.Local(7),
        Vxlan = new VxlanSettings(4096, NodeAddress, "eth0"),
    };

    private static List<Entry> Plan()
    {
        var (remote, remote6) = (IpAddress.Parse("10.65.1.0"), IpAddress.Parse("fd00:1::"));
        var mac = MacAddress.Local(8);
        const string Device = Ownership.VxlanDevice;
        return
        [
            Vxlan(),
            new LinkAddress { Device = Device, Address = InterfaceAddress.Parse("10.65.0.0/32") },
            new LinkAddress { Device = Device, Address = InterfaceAddress.Parse("fd00::/128") },
            new Sysctl("net/ipv4/ip_forward", "1"), new Sysctl("net/ipv6/conf/all/forwarding", "1"),
            new Sysctl("net/ipv4/conf/eth0/proxy_arp", "1"),
            new Neighbour { Device = Device, Address = remote, Mac = mac, Protocol = 202 },
            new Neighbour { Device = Device, Address = remote6, Mac = mac, Protocol = 202 },
            new Neighbour { Device = Device, Address = IpAddress.Parse("fe80::1"), Proxy = true },
            new FdbEntry { Device = Device, Mac = mac, Destination = IpAddress.Parse("192.0.2.2") },
            new FdbEntry { Device = Device, Mac = default, Destination = IpAddress.Parse("192.0.2.3") },
            new FdbEntry { Device = Device, Mac = default, Destination = IpAddress.Parse("192.0.2.4") },
            Ours("10.65.0.0/26") with { Kind = RouteKind.Blackhole, Device = null },
            Ours("fd00::/122") with { Kind = RouteKind.Blackhole, Device = null },
            Ours("10.65.1.0/26") with { Via = remote, Onlink = true },
            Ours("fd00:1::/122") with { Via = remote6, Onlink = true },
            Ours("10.65.2.0/26") with { Device = "eth0", Via = IpAddress.Parse("192.0.2.2"), Mtu = 1400, Metric = 50 },
            Ours("10.65.3.0/26") with { Device = "eth0", Via = IpAddress.Parse("2001:db8::2") },
            Ours("10.65.4.0/26") with
            {
                Device = null,
                NextHops =
                [
                    new NextHop("eth0", IpAddress.Parse("192.0.2.2"), false, 1),
                    new NextHop("eth0", IpAddress.Parse("192.0.2.3"), false, 5),
                ],
            },
            Ours("10.65.5.0/26") with { Device = "eth0", Table = 70000 },
            new Rule { Family = IpFamily.V4, Priority = 100, Table = 70000, Mark = 1, MarkMask = 1, Protocol = 202 },
            new Rule { Family = IpFamily.V6, Priority = 100, From = Prefix.Parse("fd00::/64"), Action = RuleAction.Blackhole, Table = 0, Protocol = 202 },
            new NftTable
            {
                Family = "inet", Name = Ownership.NftTableName,
                Sets =
                [
                    new NftSet("pools4", "ipv4_addr", true, ["10.65.0.0/16", "192.168.7.1"]),
                    new NftSet("pools6", "ipv6_addr", true, ["fd00::/64"]),
                    new NftSet("none", "ipv4_addr", true, []),
                ],
                Chains =
                [
                    new NftChain("postrouting", new NftHook("nat", "postrouting", 100, "accept"),
                    [
                        new NftRule(
                            [
                                new NftMatch("ip saddr", "==", "@pools4"), new NftMatch("ip daddr", "!=", "@pools4"),
                                new NftMasquerade(),
                            ],
                            "IPPool spec.natOutgoing: default"),
                        new NftRule(
                            [new NftMatch("ip6 saddr", "==", "@pools6"), new NftMatch("oifname", "!=", "cwvxlan"), new NftMasquerade()]),
                    ]),
                ],
            },
        ];

        static Route Ours(string prefix) => new()
        {
            Destination = Prefix.Parse(prefix), Device = Device, Protocol = Ownership.RouteProtocol,
        };
    }
}
