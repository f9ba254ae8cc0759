using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Causeway.Core.Tests.Routing;
using Causeway.Core.Trace;
using Causeway.Core.Wire.AgentProtocol;

namespace Causeway.Core.Tests.Trace;

/// <summary>
/// A small dual-stack cluster on paper, as captures of healthy kernels would show it: nodes n1 and n2 (and n3, where
/// the topology is routed, behind a router), pods a and c on n1 and b on n2, a fabric of bridges, a router, and a
/// machine outside.
/// </summary>
internal sealed class PaperLab
{
    public const string A = "default/a";
    public const string B = "default/b";
    public const string C = "default/c";
    public const string PodDevice = "eth0";

    private readonly List<Host> _hosts = [];
    private readonly Dictionary<string, List<Entry>> _ports = new() { ["fabric"] = [], ["router"] = [] };
    private int _index = 100;

    private PaperLab(ClusterSnapshot cluster) => Cluster = cluster;

    public ClusterSnapshot Cluster { get; }

    public static IpAddress Address(string pod, IpFamily family) => IpAddress.Parse((pod, family) switch
    {
        (A, IpFamily.V4) => "10.244.1.5",
        (B, IpFamily.V4) => "10.244.2.5",
        (C, IpFamily.V4) => "10.244.1.6",
        (A, _) => "fd10::1:5",
        (B, _) => "fd10::2:5",
        (C, _) => "fd10::1:6",
        _ => throw new ArgumentException(pod, nameof(pod)),
    });

    public static string HostDevice(string pod) => EndpointDevice.NameOf(Make.Handle(pod.Split('/')[1]));

    /// <param name="captured">Whether the wires between nodes are in the world, or must be inferred.</param>
    public static World Build(Encapsulation encapsulation = Encapsulation.Vxlan, bool captured = true)
    {
        var lab = new PaperLab(Objects(encapsulation));
        lab.Node("n1", captured);
        lab.Node("n2", captured);
        lab.Pod(A, "n1");
        lab.Pod(C, "n1");
        lab.Pod(B, "n2");
        if (captured) lab.Surroundings();
        return World.Of(lab._hosts);
    }

    public static ClusterSnapshot Objects(Encapsulation encapsulation)
    {
        (string Node, int Number)[] nodes = [("n1", 1), ("n2", 2)];
        var none = encapsulation == Encapsulation.None;
        var cluster = new ClusterSnapshot();
        cluster = cluster with
        {
            Pools = cluster.Pools
                .Add("v4", Make.Pool("v4", "10.244.0.0/16", encapsulation))
                .Add("v6", Make.Pool("v6", "fd10::/64", encapsulation)),
        };
        foreach (var (node, number) in nodes)
        {
            string v4 = $"10.244.{number}.0/26", v6 = $"fd10::{number}:0/122";
            string[] tunnel = none ? [] : [$"10.244.{number}.0", $"fd10::{number}:0"];
            var item = Make.Node(node, $"192.168.1.{number}/24,fd00:1::{number}/64", tunnel);
            var four = Make.Affinity(node, v4);
            var six = Make.Affinity(node, v6);
            var pods = number == 1 ? new[] { A, C } : [B];
            var blockFour = Make.Block(v4, node,
                [.. pods.Select(p => (Address(p, IpFamily.V4).ToString(), node, (string?)p.Split('/')[1]))]);
            var blockSix = Make.Block(v6, node,
                [.. pods.Select(p => (Address(p, IpFamily.V6).ToString(), node, (string?)p.Split('/')[1]))]);
            cluster = cluster with
            {
                Nodes = cluster.Nodes.Add(node, item),
                Affinities = cluster.Affinities.Add(four.Metadata.Name, four).Add(six.Metadata.Name, six),
                Blocks = cluster.Blocks.Add(blockFour.Metadata.Name, blockFour).Add(blockSix.Metadata.Name, blockSix),
            };
        }
        return cluster;
    }

    private void Node(string name, bool captured)
    {
        var number = name[1] - '0';
        var plan = NodePlan.Compute(Cluster, name);
        // The outer ends of the veth pairs are made with the pods.
        List<Entry> entries =
        [
            .. plan.Entries.Where(e => e is not Link { Kind: "veth" }).Select(e => e with { Origin = null }),
            .. Interface("eth0", captured, name, 2, $"192.168.1.{number}/24", $"fd00:1::{number}/64"),
            .. Gateway("eth0", "192.168.1.254", "fd00:1::fe"),
            .. Quiet("eth0"), .. Quiet("cwvxlan"), .. Quiet("all"),
        ];
        _hosts.Add(new()
        {
            Name = name, Kind = HostKind.Node, Plan = plan, State = Complete(entries),
        });
    }

    private void Pod(string pod, string node)
    {
        var device = HostDevice(pod);
        var attachment = new PodAttachment(
            node, device, PodDevice, [Address(pod, IpFamily.V4), Address(pod, IpFamily.V6)]);
        var (inside, outside) = (2, ++_index);
        var at = _hosts.FindIndex(h => h.Name == node);
        var mtu = _hosts[at].Plan.Link("cwvxlan")?.Mtu ?? 1500;
        var plan = PodPlan.Compute(attachment, mtu, new Origin("Pod", pod.Split('/')[1], "default"));
        var link = plan.Link(PodDevice)! with { Index = inside, PeerIndex = outside, PeerNamespaceId = 0 };
        var state = plan.With(link).With(new Sysctl("net/ipv4/conf/all/rp_filter", "0"))
            .With(new Sysctl("net/ipv4/conf/eth0/rp_filter", "0"));
        _hosts.Add(new()
        {
            Name = pod, Kind = HostKind.Pod, Attachment = attachment, Plan = plan,
            State = DataplaneState.Of(state.Entries.Select(e => e with { Origin = null })),
        });
        var host = _hosts[at].State.With(new Link
        {
            Name = device, Kind = "veth", Index = outside, PeerIndex = inside, PeerNamespaceId = _index, Mtu = mtu,
            Mac = EndpointAssignment.GatewayMac,
        });
        foreach (var entry in Quiet(device).Concat(PodPlan.HostEnd(attachment))) host = host.With(entry);
        _hosts[at] = _hosts[at] with { State = host };
    }

    private void Surroundings()
    {
        _ports["fabric"].Add(new Link { Name = "br0", Index = 1, Kind = "bridge", Mtu = 1500 });
        _ports["router"].AddRange(
        [
            .. Interface("eth0", true, "router", 2, "192.168.1.254/24", "fd00:1::fe/64"),
            .. Interface("outside0", false, "router", 3, "203.0.113.1/24", "fd99::1/64"),
            new Sysctl("net/ipv4/ip_forward", "1"), new Sysctl("net/ipv6/conf/all/forwarding", "1"),
            .. Quiet("all"), .. Quiet("eth0"), .. Quiet("outside0"),
        ]);
        _hosts.Add(new() { Name = "fabric", Kind = HostKind.Router, State = Complete(_ports["fabric"]) });
        _hosts.Add(new() { Name = "router", Kind = HostKind.Router, State = Complete(_ports["router"]) });
        _hosts.Add(new()
        {
            Name = "web", Kind = HostKind.Outside,
            State = Complete(
            [
                .. Interface("eth0", false, "web", 2, "203.0.113.9/24", "fd99::9/64"),
                .. Gateway("eth0", "203.0.113.1", "fd99::1"), .. Quiet("all"), .. Quiet("eth0"),
            ]),
        });
    }

    // With a captured wire: a veth whose other end is a port of the fabric's bridge.
    private IEnumerable<Entry> Interface(
        string device, bool captured, string host, int index, params string[] addresses)
    {
        var link = new Link
        {
            Name = device, Index = index, Kind = captured ? "veth" : "", Mtu = 1500,
            Mac = MacAddress.Local((ulong)(host + device).Sum(c => c) << 8 | (uint)index),
        };
        if (captured)
        {
            link = link with { PeerIndex = ++_index, PeerNamespaceId = 0 };
            _ports["fabric"].Add(new Link
            {
                Name = host, Index = _index, PeerIndex = index, PeerNamespaceId = _index, Kind = "veth",
                Master = "br0", Mtu = 1500,
            });
        }
        yield return link;
        foreach (var address in addresses)
            yield return new LinkAddress { Device = device, Address = InterfaceAddress.Parse(address) };
    }

    private static IEnumerable<Entry> Gateway(string device, params string[] gateways) => gateways
        .Select(g => IpAddress.Parse(g))
        .Select(g => new Route { Destination = Prefix.Default(g.Family), Via = g, Device = device });

    private static IEnumerable<Entry> Quiet(string device) =>
    [
        new Sysctl($"net/ipv4/conf/{device}/rp_filter", "0"),
        new Sysctl($"net/ipv4/conf/{device}/proxy_arp", device.StartsWith("cwp") ? "1" : "0"),
    ];

    private static DataplaneState Complete(IEnumerable<Entry> entries) =>
        KernelImplied.Complete(DataplaneState.Of(entries));
}

/// <summary>Faults, put into a world on paper.</summary>
internal static class Faults
{
    public static World Change(this World world, string host, Func<DataplaneState, DataplaneState> change)
    {
        var at = world[host]!;
        return world.With(at with { State = change(at.State) });
    }

    public static World Remove<T>(this World world, string host, Func<T, bool> which) where T : Entry =>
        world.Change(host, s =>
        {
            var gone = s.All<T>().Where(which).ToList();
            Assert.NotEmpty(gone);
            return gone.Aggregate(s, (state, entry) => state.Without(entry.Key));
        });

    public static World Add(this World world, string host, params Entry[] entries) =>
        world.Change(host, s => entries.Aggregate(s, (state, entry) => state.With(entry)));

    public static World Set(this World world, string host, string path, string value) =>
        world.Add(host, new Sysctl(path, value));

    /// <summary>As the kernel does it: the device's routes and neighbour entries go with it.</summary>
    public static World Down(this World world, string host, string device) => world.Change(host, s =>
    {
        foreach (var route in s.All<Route>().Where(r => r.Device == device && r.Kind == RouteKind.Unicast).ToList())
            s = s.Without(route.Key);
        foreach (var neighbour in s.All<Neighbour>().Where(n => n.Device == device && !n.Proxy).ToList())
            s = s.Without(neighbour.Key);
        foreach (var address in s.All<LinkAddress>()
            .Where(a => a.Device == device && a.Address.Address.Family == IpFamily.V6).ToList())
            s = s.Without(address.Key);
        return s.With(s.Link(device)! with { Up = false });
    });
}
