using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Trace;
using Causeway.Core.Wire.AgentProtocol;

namespace Causeway.Core.Tests.Trace;

/// <summary>Every fault of the issue, one by one, on paper: the cause names the node and the hop.</summary>
public sealed class FaultTests
{
    public static TheoryData<IpFamily> Families() => [IpFamily.V4, IpFamily.V6];

    private static string Tunnel(IpFamily family, int node) => family == IpFamily.V4 ? $"10.244.{node}.0" : $"fd10::{node}:0";

    private static string Block(IpFamily family, int node) =>
        family == IpFamily.V4 ? $"10.244.{node}.0/26" : $"fd10::{node}:0/122";

    private static TraceResult AtoB(World world, IpFamily family) =>
        Tracer.Run(world, new(PaperLab.A, PaperLab.Address(PaperLab.B, family)) { ToHost = PaperLab.B });

    private static void Fails(World world, IpFamily family, CauseCode code, string node, string named)
    {
        var result = AtoB(world, family);
        Assert.Equal(Verdict.Unreachable, result.Verdict);
        Expect.Cause(result, code, node, named);
    }

    [Theory, MemberData(nameof(Families))]
    public void Block_route_missing(IpFamily family)
    {
        foreach (var encapsulation in new[] { Encapsulation.Vxlan, Encapsulation.None })
            foreach (var captured in new[] { true, false })
            {
                var world = PaperLab.Build(encapsulation, captured)
                    .Remove<Route>("n1", r => r.Destination.ToString() == Block(family, 2));
                Fails(world, family, CauseCode.RouteMissing, "n1", Block(family, 2));
                Assert.Contains("BlockAffinity/n2", AtoB(PaperLab.Build(encapsulation), family).Forward.Hops
                    .First(h => h.Component == "route" && h.Host == "n1").Origin!.ToString());
            }
    }

    [Theory, MemberData(nameof(Families))]
    public void Block_route_missing_on_the_way_back(IpFamily family)
    {
        var world = PaperLab.Build().Remove<Route>("n2", r => r.Destination.ToString() == Block(family, 1));
        Fails(world, family, CauseCode.RouteMissing, "n2", Block(family, 1));
        Assert.Contains("reply", AtoB(world, family).Cause!.Message);
    }

    [Theory, MemberData(nameof(Families))]
    public void Host_end_of_the_senders_veth_down(IpFamily family) => Fails(
        PaperLab.Build().Down("n1", PaperLab.HostDevice(PaperLab.A)), family,
        CauseCode.DeviceDown, "n1", PaperLab.HostDevice(PaperLab.A));

    [Theory, MemberData(nameof(Families))]
    public void Host_end_of_the_receivers_veth_down(IpFamily family) => Fails(
        PaperLab.Build().Down("n2", PaperLab.HostDevice(PaperLab.B)), family,
        CauseCode.DeviceDown, "n2", PaperLab.HostDevice(PaperLab.B));

    [Theory, MemberData(nameof(Families))]
    public void Pod_device_down_at_either_end(IpFamily family)
    {
        Fails(PaperLab.Build().Down(PaperLab.A, "eth0"), family, CauseCode.DeviceDown, "n1", "default/a");
        Fails(PaperLab.Build().Down(PaperLab.B, "eth0"), family, CauseCode.DeviceDown, "n2", "default/b");
    }

    [Theory, MemberData(nameof(Families))]
    public void Vxlan_device_down_at_either_end(IpFamily family)
    {
        Fails(PaperLab.Build().Down("n1", "cwvxlan"), family, CauseCode.DeviceDown, "n1", "cwvxlan");
        Fails(PaperLab.Build().Down("n2", "cwvxlan"), family, CauseCode.DeviceDown, "n2", "cwvxlan");
    }

    [Theory, MemberData(nameof(Families))]
    public void Vxlan_device_gone(IpFamily family)
    {
        var gone = PaperLab.Build().Down("n1", "cwvxlan").Remove<Link>("n1", l => l.Name == "cwvxlan")
            .Remove<FdbEntry>("n1", _ => true);
        Fails(gone, family, CauseCode.DeviceMissing, "n1", "cwvxlan");
        Fails(PaperLab.Build().Remove<Link>("n2", l => l.Name == "cwvxlan"), family,
            CauseCode.VxlanAbsent, "n2", "VXLAN");
    }

    [Theory, MemberData(nameof(Families))]
    public void Fdb_entry_removed(IpFamily family) => Fails(
        PaperLab.Build().Remove<FdbEntry>("n1", _ => true), family, CauseCode.FdbMissing, "n1", "192.168.1.2");

    [Theory, MemberData(nameof(Families))]
    public void Fdb_entry_leads_elsewhere(IpFamily family)
    {
        var world = PaperLab.Build();
        var entry = world["n1"]!.State.All<FdbEntry>().Single();
        Fails(world.Add("n1", entry with { Destination = IpAddress.Parse("192.168.1.77") }), family,
            CauseCode.FdbWrong, "n1", "192.168.1.77");
    }

    [Theory, MemberData(nameof(Families))]
    public void Tunnel_neighbour_removed(IpFamily family) => Fails(
        PaperLab.Build().Remove<Neighbour>("n1", n => n.Address.ToString() == IpAddress.Parse(Tunnel(family, 2)).ToString()),
        family, CauseCode.NeighbourMissing, "n1", "cwvxlan");

    [Theory, MemberData(nameof(Families))]
    public void Tunnel_neighbour_with_another_mac(IpFamily family)
    {
        var world = PaperLab.Build();
        var wrong = MacAddress.Parse("02:00:00:00:00:99");
        var entry = world["n1"]!.State.All<Neighbour>().First(n => n.Address.Family == family && n.Device == "cwvxlan");
        var fdb = world["n1"]!.State.All<FdbEntry>().Single();
        Fails(world.Add("n1", entry with { Mac = wrong }), family, CauseCode.NeighbourWrong, "n1", "02:00:00:00:00:99");
        Fails(world.Add("n1", entry with { Mac = wrong }, fdb with { Mac = wrong }), family,
            CauseCode.NeighbourWrong, "n1", "02:00:00:00:00:99");
    }

    [Fact]
    public void Forwarding_off()
    {
        var device = PaperLab.HostDevice(PaperLab.A);
        Fails(PaperLab.Build().Set("n1", $"net/ipv4/conf/{device}/forwarding", "0"), IpFamily.V4,
            CauseCode.ForwardingOff, "n1", device);
        Fails(PaperLab.Build().Set("n1", "net/ipv6/conf/all/forwarding", "0"), IpFamily.V6,
            CauseCode.ForwardingOff, "n1", "net/ipv6/conf/all/forwarding");
        Fails(PaperLab.Build().Set("n2", "net/ipv4/ip_forward", "0"), IpFamily.V4,
            CauseCode.ForwardingOff, "n2", "ip_forward");
    }

    [Fact]
    public void Reverse_path_filter()
    {
        var device = PaperLab.HostDevice(PaperLab.A);
        var elsewhere = new Route
        {
            Destination = PaperLab.Address(PaperLab.A, IpFamily.V4).Host, Device = "eth0",
            Via = IpAddress.Parse("192.168.1.254"),
        };
        var strict = PaperLab.Build().Set("n1", $"net/ipv4/conf/{device}/rp_filter", "1");
        Assert.Equal(Verdict.Reachable, AtoB(strict, IpFamily.V4).Verdict);
        Fails(strict.Add("n1", elsewhere), IpFamily.V4, CauseCode.RouteWrong, "n1", "192.168.1.254");
        // Without a plan to compare with, it is the filter that says so.
        var alone = strict.Add("n1", elsewhere);
        alone = alone.With(alone["n1"]! with { Plan = DataplaneState.Empty });
        Fails(alone, IpFamily.V4, CauseCode.ReversePath, "n1", "rp_filter");
    }

    [Fact]
    public void Reverse_path_filter_drops_what_comes_out_of_the_tunnel()
    {
        var world = PaperLab.Build().Set("n2", "net/ipv4/conf/cwvxlan/rp_filter", "1")
            .Add("n2", new Route { Destination = Prefix.Parse("10.244.1.0/26"), Device = "eth0", Protocol = 4 });
        world = world.With(world["n2"]! with { Plan = DataplaneState.Empty });
        Fails(world, IpFamily.V4, CauseCode.ReversePath, "n2", "cwvxlan");
    }

    // A pod that lost its permanent entry for the gateway has to ask the node, which answers as a proxy.
    private static World Asking() => PaperLab.Build().Remove<Neighbour>(PaperLab.A, _ => true);

    private static World AskingProxy()
    {
        var device = PaperLab.HostDevice(PaperLab.A);
        return Asking().Remove<LinkAddress>("n1", a => a.Device == device)
            .Add("n1", new Neighbour { Device = device, Address = EndpointAssignment.GatewayV6, Proxy = true });
    }

    [Theory, MemberData(nameof(Families))]
    public void A_pod_that_has_to_ask_for_its_gateway_is_answered(IpFamily family)
    {
        Expect.Reachable(AtoB(Asking(), family));
        Expect.Reachable(AtoB(AskingProxy(), family));
    }

    [Theory, MemberData(nameof(Families))]
    public void Proxy_off(IpFamily family)
    {
        var device = PaperLab.HostDevice(PaperLab.A);
        var path = family == IpFamily.V4 ? $"net/ipv4/conf/{device}/proxy_arp" : $"net/ipv6/conf/{device}/proxy_ndp";
        Fails(AskingProxy().Set("n1", path, "0"), family, CauseCode.ProxyOff, "n1", path);
        Expect.Reachable(AtoB(PaperLab.Build().Set("n1", path, "0"), family));
    }

    [Fact]
    public void Proxy_entry_for_the_ipv6_gateway_missing() => Fails(
        AskingProxy().Remove<Neighbour>("n1", n => n.Proxy), IpFamily.V6, CauseCode.ProxyOff, "n1", "fe80::1");

    [Fact]
    public void No_default_route_leaves_proxy_arp_silent() => Fails(
        Asking().Remove<Route>("n1", r => r.Destination == Prefix.Default(IpFamily.V4)),
        IpFamily.V4, CauseCode.NoRoute, "n1", "169.254.1.1");

    [Theory, MemberData(nameof(Families))]
    public void Gateway_entry_with_another_mac(IpFamily family)
    {
        var world = PaperLab.Build();
        var entry = world[PaperLab.A]!.State.All<Neighbour>().First(n => n.Address.Family == family);
        Fails(world.Add(PaperLab.A, entry with { Mac = MacAddress.Parse("02:00:00:00:00:99") }), family,
            CauseCode.NeighbourWrong, "n1", "02:00:00:00:00:99");
    }

    [Theory, MemberData(nameof(Families))]
    public void Pod_route_missing_hits_the_blackhole_of_the_block(IpFamily family)
    {
        var address = PaperLab.Address(PaperLab.B, family);
        var world = PaperLab.Build().Remove<Route>("n2",
            r => r.Destination == address.Host && r.Kind == RouteKind.Unicast);
        Fails(world, family, CauseCode.RouteMissing, "n2", address.ToString());
        Assert.Contains(AtoB(world, family).Forward.Hops, h => h.Evidence.StartsWith("blackhole"));
        var alone = world.With(world["n2"]! with { Plan = DataplaneState.Empty });
        Fails(alone, family, CauseCode.RouteBlackhole, "n2", Block(family, 2));
    }

    [Theory, MemberData(nameof(Families))]
    public void Pod_without_the_address_it_was_given(IpFamily family)
    {
        Fails(PaperLab.Build().Remove<LinkAddress>(PaperLab.A, a => a.Address.Address.Family == family), family,
            CauseCode.AddressMissing, "n1", "default/a");
        var address = PaperLab.Address(PaperLab.B, family);
        Fails(PaperLab.Build().Remove<LinkAddress>(PaperLab.B, a => a.Address.Address == address)
            .Remove<Route>(PaperLab.B, r => r.Kind == RouteKind.Local && r.Destination == address.Host), family,
            CauseCode.AddressMissing, "n2", "default/b");
    }

    [Theory, MemberData(nameof(Families))]
    public void Pod_default_route_missing(IpFamily family)
    {
        Fails(PaperLab.Build().Remove<Route>(PaperLab.A, r => r.Destination == Prefix.Default(family)), family,
            CauseCode.RouteMissing, "n1", "default");
        Fails(PaperLab.Build().Remove<Route>(PaperLab.B, r => r.Destination == Prefix.Default(family)), family,
            CauseCode.RouteMissing, "n2", "default");
    }

    [Fact]
    public void Another_route_with_a_lower_metric_or_a_longer_prefix_takes_over()
    {
        var longer = new Route
        {
            Destination = Prefix.Parse("10.244.2.5/32"), Via = IpAddress.Parse("192.168.1.254"), Device = "eth0",
            Protocol = 3,
        };
        Fails(PaperLab.Build(captured: false).Add("n1", longer), IpFamily.V4, CauseCode.RouteOverridden, "n1", "10.244.2.5 via");
        var lower = new Route
        {
            Destination = Prefix.Parse("fd10::2:0/122"), Via = IpAddress.Parse("fd00:1::fe"), Device = "eth0",
            Protocol = 3, Metric = 10,
        };
        Fails(PaperLab.Build(captured: false).Add("n1", lower), IpFamily.V6, CauseCode.RouteOverridden, "n1", "fd00:1::fe");
    }

    [Theory, MemberData(nameof(Families))]
    public void Mtu_too_small_on_the_way_is_partial(IpFamily family)
    {
        foreach (var (host, device) in new[] { ("n1", "eth0"), ("fabric", "br0"), ("n2", "eth0") })
        {
            var world = PaperLab.Build();
            world = world.Add(host, world[host]!.State.Link(device)! with { Mtu = 1400 });
            var result = AtoB(world, family);
            Assert.Equal(Verdict.Partial, result.Verdict);
            Expect.Cause(result, CauseCode.Mtu, host, "mtu 1400");
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void A_vni_that_differs(IpFamily family)
    {
        var world = PaperLab.Build();
        var link = world["n2"]!.State.Link("cwvxlan")!;
        Fails(world.Add("n2", link with { Vxlan = link.Vxlan! with { Vni = 7 } }), family,
            CauseCode.VxlanMismatch, "n2", "id 7");
        Fails(world.Add("n2", link with { Vxlan = link.Vxlan! with { Port = 8472 } }), family,
            CauseCode.VxlanMismatch, "n2", "8472");
    }

    [Theory, MemberData(nameof(Families))]
    public void Underlay_down(IpFamily family)
    {
        Fails(PaperLab.Build().Down("n2", "eth0"), family, CauseCode.DeviceDown, "n2", "eth0");
        Fails(PaperLab.Build().Down("fabric", "n2"), family, CauseCode.DeviceDown, "fabric", "n2");
    }

    [Fact]
    public void An_address_that_another_host_took()
    {
        var thief = new LinkAddress { Device = "eth0", Address = InterfaceAddress.Parse("10.244.2.5/32") };
        var world = PaperLab.Build();
        world = world.With(world["n2"]! with { State = KernelImplied.Complete(world["n2"]!.State.With(thief)) });
        Fails(world, IpFamily.V4, CauseCode.WrongHost, "n2", "10.244.2.5");
    }
}
