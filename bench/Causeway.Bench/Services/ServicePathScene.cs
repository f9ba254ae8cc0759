using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Causeway.Core.Addressing;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Bench.Services;

/// <summary>A node with two pods, as network namespaces; one pod listens.</summary>
internal sealed class ServicePathScene : IDisposable
{
    public const string PodAddress = "10.9.1.2";

    private const int Port = 8080;
    private const int Connections = 301;
    private const int Transfers = 5;

    private static readonly TimeSpan TransferTime = TimeSpan.FromSeconds(1);

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"cwbench-{Environment.ProcessId}");
    private readonly Socket _listener;

    public ServicePathScene()
    {
        foreach (var path in (string[])[Node, Client, Pod]) NetworkNamespace.Create(path);
        var script = $"""
            set -e
            ip -n {_name} link set lo up
            ip -n {_name} link add c0 type veth peer name eth0 netns {_name}-client
            ip -n {_name} link add p0 type veth peer name eth0 netns {_name}-pod
            ip -n {_name} addr add 10.9.0.1/24 dev c0; ip -n {_name} link set c0 up
            ip -n {_name} addr add 10.9.1.1/24 dev p0; ip -n {_name} link set p0 up
            ip -n {_name}-client addr add 10.9.0.2/24 dev eth0; ip -n {_name}-client link set eth0 up
            ip -n {_name}-pod addr add {PodAddress}/24 dev eth0; ip -n {_name}-pod link set eth0 up
            ip -n {_name}-client route add default via 10.9.0.1
            ip -n {_name}-pod route add default via 10.9.1.1
            """;
        var run = ProcessSpawner.Run(["sh", "-c", script], timeout: TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();
        if (!run.Succeeded) throw new InvalidOperationException(run.Error);
        NetworkNamespace.Run(Node, () => SysctlFile.Write("net/ipv4/ip_forward", "1"));
        _listener = NetworkNamespace.Run(Pod, () =>
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Any, Port));
            listener.Listen(512);
            return listener;
        });
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public string Node => $"{NetworkNamespace.Directory}/{_name}";

    private string Client => Node + "-client";

    private string Pod => Node + "-pod";

    /// <summary>Times of new connections, by the address given and by the pod's own.</summary>
    public (Samples Through, Samples Direct) Connect(string address, int port) => NetworkNamespace.Run(Client, () =>
    {
        var (through, direct) = (new Samples(), new Samples());
        for (var i = -5; i < Connections; i++)
        {
            var (a, b) = (Connected(address, port), Connected(PodAddress, Port));
            if (i < 0) continue;
            through.Add(a);
            direct.Add(b);
        }
        return (through, direct);
    });

    /// <summary>Gbit/s of one connection, by the address given and by the pod's own: medians.</summary>
    public (double Through, double Direct) Transfer(string address, int port) => NetworkNamespace.Run(Client, () =>
    {
        List<double> through = [], direct = [];
        for (var i = 0; i < Transfers; i++)
        {
            through.Add(Transferred(address, port));
            direct.Add(Transferred(PodAddress, Port));
        }
        through.Sort();
        direct.Sort();
        return (through[Transfers / 2], direct[Transfers / 2]);
    });

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var path in (string[])[Client, Pod, Node]) NetworkNamespace.Delete(path);
    }

    private static TimeSpan Connected(string address, int port)
    {
        using var socket = Open();
        var start = Stopwatch.GetTimestamp();
        socket.Connect(IpAddress.Parse(address).ToSystem(), port);
        return Stopwatch.GetElapsedTime(start);
    }

    private static double Transferred(string address, int port)
    {
        using var socket = Open();
        socket.Connect(IpAddress.Parse(address).ToSystem(), port);
        var (start, sent, block) = (Stopwatch.GetTimestamp(), 0L, new byte[256 * 1024]);
        while (Stopwatch.GetElapsedTime(start) < TransferTime) sent += socket.Send(block);
        return sent * 8 / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    // A reset at the end leaves nothing in TIME_WAIT.
    private static Socket Open() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        LingerState = new LingerOption(true, 0),
    };

    private void Accept()
    {
        try
        {
            while (true)
            {
                var client = _listener.Accept();
                new Thread(() => Drain(client)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The scene is over.
        }
    }

    private static void Drain(Socket client)
    {
        using (client)
        {
            var block = new byte[256 * 1024];
            try
            {
                while (client.Receive(block) > 0) { }
            }
            catch (SocketException)
            {
                // Reset by its peer, as planned.
            }
        }
    }
}
