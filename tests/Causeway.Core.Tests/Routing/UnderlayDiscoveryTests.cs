using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;

namespace Causeway.Core.Tests.Routing;

public sealed class UnderlayDiscoveryTests
{
    private static readonly DataplaneState Host = DataplaneState.Of(
    [
        new Link { Name = "lo", Mtu = 65536 },
        new Link { Name = "eth0", Mtu = 9000 },
        new Link { Name = "eth1", Mtu = 1500 },
        On("eth0", "172.30.0.11/24"),
        On("eth0", "fd00::11/64"),
        On("eth1", "192.168.0.2/24"),
    ]);

    [Fact]
    public void The_device_with_the_first_internal_address_is_the_underlay()
    {
        var network = UnderlayDiscovery.Find(Host, [IpAddress.Parse("fd00::11"), IpAddress.Parse("172.30.0.11")], out _)!;
        Assert.Equal(("eth0", 9000), (network.Device, network.Mtu));
        Assert.Equal(["fd00::11/64", "172.30.0.11/24"], network.Underlay.Select(a => a.ToString()));
    }

    [Fact]
    public void An_address_that_no_device_has_is_named()
    {
        Assert.Null(UnderlayDiscovery.Find(Host, [IpAddress.Parse("172.30.0.99")], out var reason));
        Assert.Contains("172.30.0.99", reason);
    }

    private static LinkAddress On(string device, string address) =>
        new() { Device = device, Address = InterfaceAddress.Parse(address) };
}
