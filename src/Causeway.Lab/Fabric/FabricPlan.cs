using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Lab.Fabric;

/// <summary>A veth pair of the fabric: its near end, and its far end born in another namespace.</summary>
public sealed record FabricCable(string NearNamespace, Link Near, string FarNamespace, Link Far);

/// <summary>
/// What the kernels of the fabric should hold: pure, from the layout. The capsule's own namespace is named by the
/// empty string.
/// </summary>
public sealed class FabricPlan(FabricLayout layout)
{
    public const string Capsule = "";

    private const string Uplink = "eth0";
    private const string OutsideLeg = "outside0";

    public IEnumerable<string> Namespaces() =>
        [FabricLayout.RouterNamespace, FabricLayout.OutsideNamespace, .. layout.Nodes.Select(n => n.Name)];

    /// <summary>The segments, before any cable is plugged in.</summary>
    public IEnumerable<Entry> Bridges()
    {
        for (var segment = 0; segment < layout.Segments; segment++)
            yield return new Link { Name = FabricLayout.Bridge(segment), Kind = "bridge", Mtu = FabricLayout.Mtu };
    }

    /// <summary>Node cables are named after their nodes, so that tcpdump on one is easy to ask for.</summary>
    public IEnumerable<FabricCable> Cables()
    {
        for (var segment = 0; segment < layout.Segments; segment++)
            yield return new(
                Capsule, Port($"router{segment}", segment),
                FabricLayout.RouterNamespace, Device(RouterLeg(segment)));
        yield return new(
            FabricLayout.RouterNamespace, Device(OutsideLeg), FabricLayout.OutsideNamespace, Device(Uplink));
        foreach (var node in layout.Nodes)
            yield return new(Capsule, Port(node.Name, node.Segment), node.Name, Device(Uplink));
    }

    /// <summary>Addresses, routes and settings of a namespace whose cables are plugged in.</summary>
    public IReadOnlyList<Entry> Of(string name) => name switch
    {
        Capsule => [
            .. Addresses(FabricLayout.Bridge(0), layout.Api), .. Defaults(layout.Router(0), FabricLayout.Bridge(0))],
        FabricLayout.RouterNamespace => [.. Router()],
        FabricLayout.OutsideNamespace => [.. Outside()],
        _ => [.. Node(layout.Nodes.Single(n => n.Name == name))],
    };

    private IEnumerable<Entry> Router()
    {
        yield return Loopback();
        for (var segment = 0; segment < layout.Segments; segment++)
        {
            yield return Device(RouterLeg(segment));
            foreach (var address in Addresses(RouterLeg(segment), layout.Router(segment))) yield return address;
        }
        foreach (var address in Addresses(OutsideLeg, layout.RouterOutside)) yield return address;
        foreach (var range in layout.Balancers) yield return ToNodes(range);
        // Connections of one client are to reach different nodes: ports count in the choice.
        yield return new Sysctl("net/ipv4/fib_multipath_hash_policy", "1");
        yield return new Sysctl("net/ipv6/fib_multipath_hash_policy", "1");
        yield return new Sysctl("net/ipv4/ip_forward", "1");
        yield return new Sysctl("net/ipv6/conf/all/forwarding", "1");
    }

    // It knows the way to the nodes and to no pod, as the world outside a cluster does.
    private IEnumerable<Entry> Outside()
    {
        yield return Loopback();
        yield return Device(Uplink);
        foreach (var address in Addresses(Uplink, layout.Outside)) yield return address;
        foreach (var network in layout.Networks().Concat(layout.Balancers))
            yield return RouteTo(network, layout.RouterOutside.First(a => a.Address.Family == network.Family), Uplink);
    }

    private IEnumerable<Entry> Node(FabricNode node)
    {
        yield return Loopback();
        yield return Device(Uplink);
        foreach (var address in Addresses(Uplink, node.Addresses)) yield return address;
        foreach (var route in Defaults(layout.Router(node.Segment), Uplink)) yield return route;
    }

    internal static Link Loopback() => new() { Name = "lo" };

    // The kernel leaves the far end of a new pair down: it is asked for again from its own side.
    private static Link Device(string name) => new() { Name = name, Kind = "veth", Mtu = FabricLayout.Mtu };

    private static Link Port(string name, int segment) =>
        Device(name) with { Master = FabricLayout.Bridge(segment) };

    private static string RouterLeg(int segment) => $"eth{segment}";

    private static IEnumerable<Entry> Addresses(string device, IEnumerable<InterfaceAddress> addresses) =>
        addresses.Select(address => new LinkAddress { Device = device, Address = address });

    private static IEnumerable<Entry> Defaults(IEnumerable<InterfaceAddress> gateways, string device) =>
        gateways.Select(gateway => RouteTo(Prefix.Default(gateway.Address.Family), gateway, device));

    private static Route RouteTo(Prefix destination, InterfaceAddress gateway, string device) => new()
    {
        Destination = destination, Via = gateway.Address, Device = device, Protocol = StaticProtocol,
    };

    private Route ToNodes(Prefix range)
    {
        var hops = layout.Nodes.Take(MostNextHops).Select(n => new NextHop(
            RouterLeg(n.Segment), n.Addresses.First(a => a.Address.Family == range.Family).Address, false, 1));
        var route = new Route { Destination = range, Protocol = StaticProtocol };
        return hops.ToList() is [{ } only]
            ? route with { Via = only.Via, Device = only.Device }
            : route with { NextHops = [.. hops] };
    }

    /// <summary>More would not spread the load better, and a route has to fit into one message.</summary>
    private const int MostNextHops = 64;

    private const byte StaticProtocol = 4; // RTPROT_STATIC
}
