using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Causeway.Agent.Proxy;
using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Ipvs;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Tests.Namespaces;
using Causeway.Linux.Tests.Services;

namespace Causeway.Vm.Tests.Services;

/// <summary>A node with three pods and somebody outside, whose services the backend of IPVS serves. Beside what
/// <see cref="ServiceLab"/> gives, pods answer each datagram to port 8080 with their number, and on TCP port 9090
/// each line.</summary>
public class IpvsLab : IDisposable
{
    private static int _lastPort = 20_000;

    private readonly List<IDisposable> _sockets = [];
    private readonly CancellationTokenSource _end = new();

    public IpvsLab(IpFamily family, int pods = 3)
    {
        Family = family;
        using (var driver = IpvsDriver.TryOpen())
            Assert.SkipWhen(driver is null, "this kernel has no IPVS (modprobe ip_vs), and no virtual machine is at hand");
        Lab = new(family, pods);
        Ipvs = IpvsDriver.Open(Lab.Node.Path);
        Backend = new(new IpvsSettings(), Lab.Node.Path);
        Backend.SetScope(new() { ClusterCidrs = [Prefix.Parse(Lab.Cidr)] });
        Backend.Resync(new Dictionary<ServicePortKey, ServicePortPlan?>());
        for (var i = 0; i < pods; i++) Listen(Lab.Pods[i], i + 1);
    }

    public IpFamily Family { get; }

    public ServiceLab Lab { get; }

    internal IpvsBackend Backend { get; }

    /// <summary>For a look at the kernel, and for foreign hands.</summary>
    public IpvsDriver Ipvs { get; }

    public string Vip(int n) => Family == IpFamily.V4 ? $"10.96.0.{n}" : $"fd00:96::{n}";

    /// <summary>Service <c>sN</c> at <see cref="Vip"/>, port 80, with these pods.</summary>
    public ServicePortPlan Plan(int n, IEnumerable<int> pods, TransportProtocol protocol = TransportProtocol.Tcp, ushort port = 8080)
    {
        ImmutableArray<ServiceEndpoint> endpoints =
            [.. pods.Select(p => new ServiceEndpoint(IpAddress.Parse(Lab.PodAddress(p)), port, IsLocal: true))];
        return new()
        {
            Key = new(new("ns", $"s{n}", "", protocol), Family), ClusterIp = IpAddress.Parse(Vip(n)), Port = 80,
            ClusterEndpoints = endpoints, HasEndpoints = !endpoints.IsEmpty,
        };
    }

    public void Tell(params ServicePortPlan[] plans) => Backend.Apply(
        plans.ToDictionary(p => p.Key, ServicePortPlan? (p) => p));

    public void Withdraw(ServicePortPlan plan) => Backend.Apply(
        new Dictionary<ServicePortKey, ServicePortPlan?> { [plan.Key] = null });

    public IReadOnlyList<string> Resync() => Backend.Resync(new Dictionary<ServicePortKey, ServicePortPlan?>());

    /// <summary>A connection that stays open.</summary>
    public static Socket Open(TestNamespace from, string address, int port = 80) => NetworkNamespace.Run(from.Path, () =>
    {
        var to = new IPEndPoint(IpAddress.Parse(address).ToSystem(), port);
        Socket socket = new(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 };
        socket.Connect(to);
        return socket;
    });

    /// <summary>Sends some bytes and reads the answer.</summary>
    public static string Say(Socket socket)
    {
        socket.Send("?"u8);
        var buffer = new byte[100];
        return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }

    /// <summary>One datagram's answer, or the socket's error.</summary>
    public static string Ask(TestNamespace from, string address, int port = 80) => NetworkNamespace.Run(from.Path, () =>
    {
        var to = new IPEndPoint(IpAddress.Parse(address).ToSystem(), port);
        using Socket socket = new(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 30_000 };
        // A port that no other has had: what comes from one that IPVS knows goes where it went before.
        var any = to.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        socket.Bind(new IPEndPoint(any, Interlocked.Increment(ref _lastPort)));
        socket.Connect(to);
        try
        {
            return Say(socket);
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode.ToString();
        }
    });

    public void Dispose()
    {
        _end.Cancel();
        foreach (var socket in _sockets) socket.Dispose();
        Backend?.Dispose();
        Ipvs?.Dispose();
        Lab?.Dispose();
        _end.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Listen(TestNamespace pod, int number)
    {
        var any = Family == IpFamily.V4 ? IPAddress.Any : IPAddress.IPv6Any;
        var (stream, datagrams) = NetworkNamespace.Run(pod.Path, () =>
        {
            TcpListener made = new(any, 9090);
            made.Start(64);
            Socket socket = new(any.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(any, 8080));
            return (made, socket);
        });
        _sockets.AddRange([stream, datagrams]);
        var answer = Encoding.ASCII.GetBytes($"{number}");
        _ = Quietly(async () =>
        {
            while (true)
            {
                var socket = await stream.AcceptSocketAsync(_end.Token);
                _ = Quietly(() => Echo(socket, answer));
            }
        });
        _ = Quietly(async () =>
        {
            var buffer = new byte[100];
            while (true)
            {
                var got = await datagrams.ReceiveFromAsync(buffer, new IPEndPoint(any, 0), _end.Token);
                await datagrams.SendToAsync(answer, got.RemoteEndPoint, _end.Token);
            }
        });
    }

    private async Task Echo(Socket accepted, byte[] answer)
    {
        using var socket = accepted;
        var buffer = new byte[100];
        while (await socket.ReceiveAsync(buffer, _end.Token) > 0) await socket.SendAsync(answer, _end.Token);
    }

    private static async Task Quietly(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The lab ended, or the client.
        }
    }
}

public sealed class IpvsLabV4() : IpvsLab(IpFamily.V4);

public sealed class IpvsLabV6() : IpvsLab(IpFamily.V6);
