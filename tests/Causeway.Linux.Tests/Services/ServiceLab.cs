using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Services;

/// <summary>
/// A node between pods and the outside, all network namespaces: pods <c>10.244.1.N</c> (<c>fd00:244::N</c>) behind
/// veths, a client outside at <c>192.168.9.2</c> (<c>fd00:9::2</c>). Every pod answers on TCP port 8080 with its
/// number and the address it saw.
/// </summary>
public sealed class ServiceLab : IDisposable
{
    private readonly List<TestNamespace> _namespaces = [];
    private readonly List<TcpListener> _listeners = [];
    private readonly CancellationTokenSource _end = new();
    private readonly IpFamily _family;
    private readonly NetlinkSocket _socket;

    public ServiceLab(IpFamily family, int pods)
    {
        _family = family;
        Node = Add();
        _socket = NetlinkSocket.OpenNetfilter(Node.Path);
        Table = new NftServiceTable(_socket, family);
        Node.Run("ip link set lo up; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        for (var i = 1; i <= pods; i++) Pods.Add(Attach(i, PodAddress(i), $"p{i}"));
        Outside = Attach(200, OutsideAddress, "out");
        Node.Run(family == IpFamily.V4
            ? "ip addr add 192.168.9.1/32 dev out; ip route add default via 192.168.9.2 dev out"
            : "ip addr add fd00:9::1/128 dev out nodad; ip route add default via fd00:9::2 dev out");
        AwaitLocal(Node, NodeAddress);
        if (family == IpFamily.V4) Outside.Run("ip route replace default via 192.168.9.1 dev eth0 onlink");
        for (var i = 0; i < pods; i++) Listen(Pods[i], i + 1);
    }

    public TestNamespace Node { get; }

    public NftServiceTable Table { get; }

    public List<TestNamespace> Pods { get; } = [];

    public TestNamespace Outside { get; }

    public string NodeAddress => _family == IpFamily.V4 ? "192.168.9.1" : "fd00:9::1";

    public string OutsideAddress => _family == IpFamily.V4 ? "192.168.9.2" : "fd00:9::2";

    public string Cidr => _family == IpFamily.V4 ? "10.244.0.0/16" : "fd00:244::/64";

    public string PodAddress(int pod) => _family == IpFamily.V4 ? $"10.244.1.{pod}" : $"fd00:244::{pod}";

    public ServicesScope Scope => new() { ClusterCidrs = [Prefix.Parse(Cidr)] };

    /// <summary>Loads the table with these plans.</summary>
    public NftServices Load(params ServicePortPlan[] plans)
    {
        NftServices services = new(_family);
        foreach (var plan in plans) services.Set(plan.Key, plan);
        Table.Load(Scope, [.. services.Classes]);
        Table.Elements.Change([], [.. services.Elements]);
        services.Take();
        return services;
    }

    /// <summary>Removes the table.</summary>
    public void Unload() => NftServiceTable.Remove(_socket, [_family]);

    /// <summary>Connects from a namespace: <c>POD SOURCE</c> as the pod saw it, or the socket's error.</summary>
    public static string Connect(TestNamespace from, string address, int port, int timeoutMs = 30_000) =>
        NetworkNamespace.Run(from.Path, () =>
        {
            var to = new IPEndPoint(IpAddress.Parse(address).ToSystem(), port);
            using Socket socket = new(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Blocking = false;
            try
            {
                socket.Connect(to);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                if (!Settled(socket, timeoutMs)) return nameof(SocketError.TimedOut);
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode.ToString();
            }
            if (Failure(socket) is { } failure) return failure;
            socket.Blocking = true;
            socket.ReceiveTimeout = 30_000;
            var buffer = new byte[100];
            try
            {
                return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode.ToString();
            }
        });

    // An ICMP answer may show as an error alone, for which a wait to write is not ended.
    private static bool Settled(Socket socket, int timeoutMs)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            // Looked at before the socket: a thread that was paused for the whole time has not seen it yet.
            var late = Stopwatch.GetElapsedTime(start).TotalMilliseconds >= timeoutMs;
            if (socket.Poll(20_000, SelectMode.SelectWrite) || socket.Poll(0, SelectMode.SelectError)) return true;
            if (late) return false;
        }
    }

    private static string? Failure(Socket socket)
    {
        var error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        return error == 0 ? null : new SocketException(error).SocketErrorCode.ToString();
    }

    public void Dispose()
    {
        _end.Cancel();
        foreach (var listener in _listeners) listener.Dispose();
        foreach (var item in _namespaces) item.Dispose();
        _end.Dispose();
        _socket.Dispose();
    }

    private TestNamespace Add()
    {
        _namespaces.Add(new());
        return _namespaces[^1];
    }

    private TestNamespace Attach(int number, string address, string device)
    {
        var pod = Add();
        Node.Run($"ip link add {device} type veth peer name eth0 netns {pod.Name}; ip link set {device} up");
        var bits = _family.Bits;
        pod.Run($"ip link set lo up; ip link set eth0 up; ip addr add {address}/{bits} dev eth0 nodad");
        AwaitLocal(pod, address);
        if (_family == IpFamily.V4)
        {
            Node.Run($"sysctl -qw net.ipv4.conf.{device}.proxy_arp=1 net.ipv4.neigh.{device}.proxy_delay=0");
            Node.Run($"ip route add {address}/32 dev {device}");
            pod.Run("ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1");
        }
        else
        {
            var gateway = $"fe80::{number + 1:x}";
            Node.Run($"ip addr add {gateway}/64 dev {device} nodad; ip route add {address}/128 dev {device}");
            pod.Run($"ip route add default via {gateway} dev eth0");
        }
        return pod;
    }

    // The kernel makes an IPv6 address its own in a moment of its choice.
    private static void AwaitLocal(TestNamespace place, string address) => place.Run(
        $"for i in $(seq 2000); do ip route get {address} | grep -q ^local && exit 0; sleep 0.01; done; exit 1");

    private void Listen(TestNamespace pod, int number)
    {
        var listener = NetworkNamespace.Run(pod.Path, () =>
        {
            TcpListener made = new(_family == IpFamily.V4 ? IPAddress.Any : IPAddress.IPv6Any, 8080);
            made.Start(512);
            return made;
        });
        _listeners.Add(listener);
        _ = ServeAsync(listener, number);
    }

    private async Task ServeAsync(TcpListener listener, int number)
    {
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync(_end.Token);
                var peer = ((IPEndPoint)socket.RemoteEndPoint!).Address;
                await socket.SendAsync(Encoding.ASCII.GetBytes($"{number} {peer}"), _end.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The lab ended.
        }
    }
}
