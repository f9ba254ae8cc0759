using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Kernel;

/// <summary>What a kernel does with operations: the same for the real one and for the fake.</summary>
public abstract class KernelContractTests : IDisposable
{
    private static readonly IpAddress Gateway = IpAddress.Parse("192.0.2.9");

    /// <summary>Applies operations to a kernel that has a device eth0, up, besides the loopback, and gives
    /// those that failed.</summary>
    private protected abstract IReadOnlyList<Operation> Apply(params IReadOnlyList<Operation> operations);

    private protected abstract DataplaneState Capture();

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public void AnAddressBringsItsRoutesAndTakesThemAlong()
    {
        var address = Address("192.0.2.1/24");
        var address6 = Address("2001:db8::1/64");
        Add(address, address6);
        Assert.Contains(Routes(), r => r is { Kind: RouteKind.Local } && r.Destination == address.Address.Address.Host);
        Assert.Contains(Routes(), r => r.Destination == address.Address.Network && r.Device == "eth0" && r.Scope == Scope.Link);
        Assert.Contains(Routes(), r => r.Destination == address6.Address.Network && r.Device == "eth0" && r.Metric == 256);
        Assert.Empty(Apply(new Delete(address), new Delete(address6)));
        Assert.DoesNotContain(Routes(), r => address.Address.Network.Contains(r.Destination));
        Assert.DoesNotContain(Routes(), r => address6.Address.Network.Contains(r.Destination));
    }

    [Fact]
    public void AGatewayMustBeOnTheLinkUnlessSaidSo()
    {
        var route = Ours("10.0.0.0/24") with { Via = Gateway };
        var refused = new Upsert(route, null);
        var fine = new Upsert(route with { Destination = Prefix.Parse("10.0.1.0/24"), Onlink = true }, null);
        Assert.Equal([refused], Apply(refused, fine));
        Assert.Null(Capture()[route.Key]);
        Add(Address("192.0.2.1/24"), route);
        Assert.True(Capture()[route.Key]!.Fulfils(route));
    }

    [Fact]
    public void AGatewayIsFoundByARouteWithoutOne()
    {
        Add(Ours("169.254.1.1/32"), Ours("0.0.0.0/0") with { Via = IpAddress.Parse("169.254.1.1") });
        Add(Ours("fd00::9/128"), Ours("::/0") with { Via = IpAddress.Parse("fd00::9") });
    }

    [Fact]
    public void AMissingDeviceFailsOnlyWhatNamesIt()
    {
        Operation[] bad =
        [
            new Upsert(Ours("10.0.0.0/24") with { Device = "none" }, null),
            new Upsert(new LinkAddress { Device = "none", Address = InterfaceAddress.Parse("10.1.1.1/32") }, null),
            new Upsert(new Neighbour { Device = "none", Address = Gateway, Mac = MacAddress.Local(1) }, null),
            new Upsert(new Sysctl("net/ipv4/conf/none/proxy_arp", "1"), null),
            new Upsert(new Link { Name = "none" }, null),
        ];
        var good = new Upsert(Ours("10.0.1.0/24"), null);
        Assert.Equal(bad.ToHashSet(), Apply([.. bad, good]).ToHashSet());
        Assert.NotNull(Capture()[good.Key]);
    }

    [Fact]
    public void WhatStandsOnADeviceGoesWithIt()
    {
        Add(Vxlan(1), Address("10.65.0.1/32", "cwvxlan"), Ours("10.65.1.0/26") with { Device = "cwvxlan" }, Neighbour(), Fdb());
        Assert.Empty(Apply(new Delete(Vxlan(1))));
        Assert.DoesNotContain(Capture().Entries, e => e.ToString().Contains("cwvxlan"));
    }

    [Fact]
    public void AnotherVniMakesTheDeviceAnewAndWhatStoodOnItIsGone()
    {
        var route = Ours("10.65.1.0/26") with { Device = "cwvxlan" };
        Add(Vxlan(1), route);
        Add(Vxlan(1) with { Mtu = 1400 });
        Assert.NotNull(Capture()[route.Key]);
        Add(Vxlan(2));
        Assert.True(Capture().Link("cwvxlan")!.Fulfils(Vxlan(2)));
        Assert.Null(Capture()[route.Key]);
    }

    [Fact]
    public void ADeviceThatGoesDownLosesRoutesNeighboursAndIpv6Addresses()
    {
        Add(Vxlan(1), Address("10.65.0.1/32", "cwvxlan"), Address("fd00::1/128", "cwvxlan"), Neighbour(), Fdb(),
            Ours("10.65.1.0/26") with { Device = "cwvxlan" }, Ours("fd00:1::/122") with { Device = "cwvxlan" });
        Add(Vxlan(1) with { Up = false });
        var after = Capture();
        Assert.DoesNotContain(after.All<Route>(), r => r.Protocol == Ownership.RouteProtocol);
        Assert.DoesNotContain(after.All<Neighbour>(), n => n.Device == "cwvxlan");
        Assert.Equal(["10.65.0.1/32"], after.All<LinkAddress>().Where(a => a.Device == "cwvxlan").Select(a => a.Address.ToString()));
        Assert.NotNull(after[Fdb().Key]);
        var refused = new Upsert(Ours("10.65.1.0/26") with { Device = "cwvxlan" }, null);
        Assert.Equal([refused], Apply(refused));
    }

    [Fact]
    public void ApplyingAgainAndRemovingAgainAreNoFaults()
    {
        Entry[] entries =
        [
            Vxlan(1), Address("10.65.0.1/32", "cwvxlan"), Neighbour(), Fdb(), new Sysctl("net/ipv4/ip_forward", "1"),
            Ours("10.65.0.0/26") with { Kind = RouteKind.Blackhole, Device = null },
            Ours("fd00::/122") with { Kind = RouteKind.Blackhole, Device = null },
            new Rule { Family = IpFamily.V4, Priority = 9, Table = 99, Protocol = Ownership.RouteProtocol },
            new NftTable { Family = "inet", Name = Ownership.NftTableName },
        ];
        for (var i = 0; i < 2; i++)
        {
            Add(entries);
            Assert.All(entries, e => Assert.True(Capture()[e.Key]!.Fulfils(e)));
        }
        var removal = DataplaneDiff.Compute(DataplaneState.Empty, Capture());
        for (var i = 0; i < 2; i++)
        {
            Assert.Empty(Apply(removal));
            Assert.DoesNotContain(Capture().Entries, Ownership.IsOurs);
        }
    }

    private void Add(params IReadOnlyList<Entry> entries) =>
        Assert.Empty(Apply([.. entries.Select(e => new Upsert(e, null))]));

    private IEnumerable<Route> Routes() => Capture().All<Route>();

    private static LinkAddress Address(string address, string device = "eth0") =>
        new() { Device = device, Address = InterfaceAddress.Parse(address) };

    private static Route Ours(string prefix) =>
        new() { Destination = Prefix.Parse(prefix), Device = "eth0", Protocol = Ownership.RouteProtocol };

    private static Link Vxlan(uint vni) => new() { Name = "cwvxlan", Kind = "vxlan", Vxlan = new VxlanSettings(vni) };

    private static Neighbour Neighbour() =>
        new() { Device = "cwvxlan", Address = IpAddress.Parse("10.65.1.0"), Mac = MacAddress.Local(9) };

    private static FdbEntry Fdb() =>
        new() { Device = "cwvxlan", Mac = MacAddress.Local(9), Destination = IpAddress.Parse("192.0.2.2") };
}

public sealed class FakeKernelContractTests : KernelContractTests
{
    private readonly FakeKernel _kernel = new();

    public FakeKernelContractTests() => _kernel.AddDevice(new Link { Name = "eth0", Kind = "veth", Mtu = 1500 });

    private protected override IReadOnlyList<Operation> Apply(params IReadOnlyList<Operation> operations) =>
        [.. _kernel.Apply(operations).Select(e => e.Operation)];

    private protected override DataplaneState Capture() => _kernel.Capture();
}

public sealed class RealKernelContractTests : KernelContractTests
{
    private readonly TestNamespace _node = new();
    private readonly KernelDriver _driver;

    public RealKernelContractTests()
    {
        _driver = KernelDriver.Open(_node.Path);
        _driver.CreateVethPair(new Link { Name = "eth0", Kind = "veth" }, new Link { Name = "wire", Kind = "veth" });
        // Until it has an address somewhere, a namespace has no local table and takes every gateway for a
        // broadcast.
        _driver.Ensure(new Link { Name = "lo" }, new Link { Name = "wire", Kind = "veth" });
    }

    public override void Dispose()
    {
        _driver.Dispose();
        _node.Dispose();
        base.Dispose();
    }

    private protected override IReadOnlyList<Operation> Apply(params IReadOnlyList<Operation> operations) =>
        [.. _driver.Apply(operations).Select(e => e.Operation)];

    private protected override DataplaneState Capture() => _driver.Capture();
}
