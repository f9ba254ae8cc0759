using System.Net.Sockets;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Causeway.Core.Trace;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;
using Causeway.Trace;

namespace Causeway.Tests.Trace;

/// <summary>
/// Two nodes on a bridge, a pod on each, a router and a machine outside, in network namespaces of this kernel, dual
/// stack: the nodes programmed by their plans, the pods made as the plugin makes them. Removed when disposed.
/// </summary>
internal sealed class KernelCluster : IDisposable
{
    public const string A = "default/a";
    public const string B = "default/b";
    public const string Outside = "outside";

    private static readonly string[] Places = ["n1", "n2", "fabric", "router", Outside, "a", "b"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _tag = $"cwk-{Guid.NewGuid():n}"[..10];
    private readonly ClusterSnapshot _cluster;
    private readonly Dictionary<string, EndpointRecord> _records;

    public KernelCluster(Encapsulation encapsulation)
    {
        _cluster = Objects(encapsulation);
        _records = new() { [A] = Record("a", "n1", 1), [B] = Record("b", "n2", 2) };
        try
        {
            foreach (var place in Places) NetworkNamespace.Create(PathOf(place));
            BuildFabric();
            foreach (var node in new[] { "n1", "n2" }) Program(node);
            if (encapsulation == Encapsulation.Vxlan)
                foreach (var number in new[] { 1, 2 }) AwaitLocal($"n{number}", $"fd10::{number}:0");
            foreach (var (name, record) in _records) BuildPod(name[^1..], record, encapsulation);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static string Address(string pod, IpFamily family) => (pod, family) switch
    {
        (A, IpFamily.V4) => "10.244.1.5",
        (A, _) => "fd10::1:5",
        (B, IpFamily.V4) => "10.244.2.5",
        _ => "fd10::2:5",
    };

    public string HostDevice(string pod) => _records[pod].HostDevice;

    /// <summary>Runs a command line in a place: n1, n2, fabric, router, outside, or a pod.</summary>
    public ProcessResult Try(string place, string commandLine) => NetworkNamespace.Run(
            PathOf(place), () => ProcessSpawner.Run(["sh", "-c", commandLine], timeout: Patience))
        .GetAwaiter().GetResult();

    public void Run(string place, string commandLine)
    {
        var result = Try(place, commandLine);
        Assert.True(result.Succeeded, $"{place}: {commandLine}: {result.Error}");
    }

    /// <summary>A listener in a place, until it is disposed.</summary>
    public TcpListener Listen(string place, ushort port) => NetworkNamespace.Run(PathOf(place), () =>
    {
        var listener = new TcpListener(IpAddress.Any(IpFamily.V4).ToSystem(), port);
        listener.Start();
        return listener;
    });

    /// <summary>Whether a connection comes about; refused, unreachable and silent are all no.</summary>
    public bool Connects(string from, string address, ushort port, TimeSpan patience)
    {
        using var socket = NetworkNamespace.Run(
            PathOf(from), () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            return socket.ConnectAsync(IpAddress.Parse(address).ToSystem(), port).Wait(patience);
        }
        catch (AggregateException)
        {
            return false;
        }
    }

    public TraceResult Trace(string from, string to)
    {
        var target = TraceTarget.Parse(to);
        var request = new TraceRequest(TraceTarget.Parse(from), target, "default", null, Planned: false);
        CapturePlace[] places =
        [
            .. new[] { "n1", "n2" }.Select(n => new CapturePlace(n, HostKind.Node, PathOf(n))),
            new("fabric", HostKind.Router, PathOf("fabric")), new("router", HostKind.Router, PathOf("router")),
            new(Outside, HostKind.Outside, PathOf(Outside)),
        ];
        var hosts = WorldCapture.Hosts(places, n => PlannedWorld.PlanOf(_cluster, n));
        var world = World.Of([.. hosts, .. _records.Select(r => WorldCapture.Pod(r.Key, r.Value))]);
        var finder = new SubjectFinder(_cluster,
            _records.ToDictionary(r => r.Key, r => EndpointFiles.AttachmentOf(r.Value)),
            hosts.ToDictionary(h => h.Name, h => (IReadOnlyList<IpAddress>)
                [.. h.State.All<LinkAddress>().Select(a => a.Address.Address)]));
        return TraceRun.Of(world, request, finder.Find(request.From, "default"), finder.Find(target, "default"));
    }

    public void Dispose()
    {
        foreach (var place in Places) NetworkNamespace.Delete(PathOf(place));
    }

    public string PathOf(string place) => $"{NetworkNamespace.Directory}/{_tag}-{place.Split('/')[^1]}";

    private void BuildFabric()
    {
        Batch("fabric", "link add br0 type bridge", "link set br0 up");
        foreach (var (place, number) in new[] { ("n1", 1), ("n2", 2), ("router", 254) })
        {
            Batch("fabric", $"link add {place} type veth peer name eth0 netns {_tag}-{place}",
                $"link set {place} master br0 up");
            Batch(place, "link set lo up", "link set eth0 up", $"addr add 192.168.7.{number}/24 dev eth0",
                $"addr add fd00:7::{number:x}/64 dev eth0 nodad");
            AwaitLocal(place, $"fd00:7::{number:x}");
        }
        Batch("router", $"link add outside0 type veth peer name eth0 netns {_tag}-{Outside}", "link set outside0 up",
            "addr add 203.0.113.1/24 dev outside0", "addr add fd99::1/64 dev outside0 nodad");
        Batch(Outside, "link set lo up", "link set eth0 up", "addr add 203.0.113.9/24 dev eth0",
            "addr add fd99::9/64 dev eth0 nodad", "route add default via 203.0.113.1", "route add default via fd99::1");
        AwaitLocal("router", "fd99::1");
        AwaitLocal(Outside, "fd99::9");
        Run("router", "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
        foreach (var node in new[] { "n1", "n2" })
            Batch(node, "route add default via 192.168.7.254", "route add default via fd00:7::fe");
    }

    private void Program(string node)
    {
        using var driver = KernelDriver.Open(PathOf(node));
        // The outer ends of the pods' veth pairs come with the pods.
        var plan = NodePlan.Compute(_cluster, node).Entries.Where(e => !e.ToString()!.Contains("cwp"));
        Assert.Empty(driver.Apply([.. plan.Select(e => new Upsert(e, null)).OrderBy(o => o.Order)]));
    }

    private void BuildPod(string pod, EndpointRecord record, Encapsulation encapsulation)
    {
        var mtu = encapsulation == Encapsulation.None ? 1500 : 1450;
        var device = record.HostDevice;
        Batch(record.Node, $"link add {device} mtu {mtu} address ee:ee:ee:ee:ee:ee type veth "
            + $"peer name eth0 mtu {mtu} netns {_tag}-{pod}");
        Run(record.Node, $"echo 0 > /proc/sys/net/ipv6/conf/{device}/accept_dad");
        Batch(record.Node, $"addr add fe80::1/64 dev {device}", $"link set {device} up");
        Batch(pod, "link set lo up", $"addr add {record.Addresses[0]}/32 dev eth0",
            $"addr add {record.Addresses[1]}/128 dev eth0 nodad", "link set eth0 up",
            "neigh add 169.254.1.1 lladdr ee:ee:ee:ee:ee:ee dev eth0 nud permanent",
            "neigh add fe80::1 lladdr ee:ee:ee:ee:ee:ee dev eth0 nud permanent",
            "route add default via 169.254.1.1 dev eth0 onlink proto 202",
            "route add default via fe80::1 dev eth0 onlink proto 202");
        Program(record.Node, device);
        AwaitLocal(pod, record.Addresses[1]);
    }

    // The kernel makes an IPv6 address its own in a moment of its choice.
    private void AwaitLocal(string place, string address) => Run(
        place, $"for i in $(seq 2000); do ip route get {address} | grep -q ^local && exit 0; sleep 0.01; done; exit 1");

    private void Program(string node, string device)
    {
        using var driver = KernelDriver.Open(PathOf(node));
        var plan = NodePlan.Compute(_cluster, node).Entries.Where(e => e.ToString()!.Contains(device));
        Assert.Empty(driver.Apply([.. plan.Select(e => new Upsert(e, null)).OrderBy(o => o.Order)]));
    }

    private void Batch(string place, params string[] lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines) text.Append(line).Append('\n');
        var result = NetworkNamespace.Run(
                PathOf(place), () => ProcessSpawner.Run(["ip", "-batch", "-"], text.ToString(), Patience))
            .GetAwaiter().GetResult();
        Assert.True(result.Succeeded, $"{place}: {text}{result.Error}");
    }

    private EndpointRecord Record(string pod, string node, int number)
    {
        var handle = EndpointDevice.HandleOf($"{pod}-container", "eth0");
        return new()
        {
            Handle = handle, ContainerId = $"{pod}-container", IfName = "eth0", Netns = PathOf(pod),
            HostDevice = EndpointDevice.NameOf(handle), Mac = "", Namespace = "default", Pod = pod, Node = node,
            Addresses = [$"10.244.{number}.5", $"fd10::{number}:5"],
        };
    }

    public static ClusterSnapshot Objects(Encapsulation encapsulation)
    {
        var cluster = new ClusterSnapshot();
        foreach (var cidr in new[] { "10.244.0.0/16", "fd10::/64" })
        {
            var pool = new IpPool
            {
                Metadata = new() { Name = $"pool{cluster.Pools.Count}" },
                Spec = new() { Cidr = cidr, Encapsulation = encapsulation },
            };
            cluster = cluster with { Pools = cluster.Pools.Add(pool.Metadata.Name, pool) };
        }
        foreach (var (node, pod, number) in new[] { ("n1", "a", 1), ("n2", "b", 2) })
        {
            var network = new NodeNetwork("eth0", 1500,
                [InterfaceAddress.Parse($"192.168.7.{number}/24"), InterfaceAddress.Parse($"fd00:7::{number}/64")],
                encapsulation == Encapsulation.None
                    ? []
                    : [IpAddress.Parse($"10.244.{number}.0"), IpAddress.Parse($"fd10::{number}:0")]);
            var item = new Node { Metadata = new() { Name = node, Annotations = network.ToAnnotations() } };
            cluster = cluster with { Nodes = cluster.Nodes.Add(node, item) };
            cluster = Claim(cluster, node, pod, $"10.244.{number}.0/26", $"10.244.{number}.5");
            cluster = Claim(cluster, node, pod, $"fd10::{number}:0/122", $"fd10::{number}:5");
        }
        return cluster;
    }

    private static ClusterSnapshot Claim(ClusterSnapshot cluster, string node, string pod, string cidr, string address)
    {
        var name = IpamBlock.NameOf(Prefix.Parse(cidr));
        var affinity = new BlockAffinity
        {
            Metadata = new() { Name = $"{node}-{name}" }, Spec = new(cidr, node, BlockAffinitySpec.Confirmed),
        };
        var allocation = new IpamAllocation(
            address, EndpointDevice.HandleOf($"{pod}-container", "eth0"), node, 1, "default", pod);
        var block = new IpamBlock
        {
            Metadata = new() { Name = name }, Spec = new() { Cidr = cidr, Node = node, Allocations = [allocation] },
        };
        return cluster with
        {
            Affinities = cluster.Affinities.Add(affinity.Metadata.Name, affinity),
            Blocks = cluster.Blocks.Add(name, block),
        };
    }
}
