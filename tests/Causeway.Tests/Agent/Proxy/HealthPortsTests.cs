using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Causeway.Agent;
using Causeway.Agent.Proxy;
using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Linux.Namespaces;
using Microsoft.Extensions.Logging.Abstractions;

namespace Causeway.Tests.Agent.Proxy;

/// <summary>Health check ports, asked as a load balancer asks.</summary>
public sealed class HealthPortsTests : IDisposable
{
    private const ushort Port = 32001;

    private readonly string _namespace = $"{NetworkNamespace.Directory}/cwt-{Guid.NewGuid():n}"[..(NetworkNamespace.Directory.Length + 17)];
    private readonly HealthPorts _ports;
    private bool _healthy = true;

    public HealthPortsTests()
    {
        NetworkNamespace.Create(_namespace);
        NetworkNamespace.Run(_namespace, () =>
        {
            using var driver = Causeway.Linux.Kernel.KernelDriver.Open();
            driver.Apply([new Core.Dataplane.Upsert(new Core.Dataplane.Link { Name = "lo", Up = true }, new Core.Dataplane.Link { Name = "lo" })]);
            return 0;
        });
        _ports = new(() => _healthy, new AgentLog(NullLogger.Instance), TimeProvider.System, _namespace);
    }

    public void Dispose()
    {
        _ports.Dispose();
        NetworkNamespace.Delete(_namespace);
    }

    [Fact]
    public void It_answers_in_the_family_that_asks_and_follows_the_plan()
    {
        Set(IpFamily.V4, 2);
        Set(IpFamily.V6, 0);
        var four = Ask("127.0.0.1");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", four);
        Assert.Contains("\r\nX-Load-Balancing-Endpoint-Weight: 2\r\n", four);
        Assert.EndsWith("""{"service":{"namespace":"ns","name":"web"},"localEndpoints":2,"serviceProxyHealthy":true}""", four);
        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", Ask("::1"));
        Set(IpFamily.V4, 0);
        Assert.StartsWith("HTTP/1.1 503", Ask("127.0.0.1"));
        Set(IpFamily.V4, 1);
        _healthy = false;
        Assert.StartsWith("HTTP/1.1 503", Ask("127.0.0.1"));
        _healthy = true;
        Assert.StartsWith("HTTP/1.1 200", Ask("127.0.0.1"));
        Set(IpFamily.V4, null);
        Set(IpFamily.V6, null);
        Assert.Equal(nameof(SocketError.ConnectionRefused), Ask("127.0.0.1"));
    }

    [Fact]
    public void One_who_asks_nothing_or_too_much_holds_nobody_up()
    {
        Set(IpFamily.V4, 1);
        using var silent = Connect("127.0.0.1");
        using var endless = Connect("127.0.0.1");
        endless.Send(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nX: " + new string('a', 20_000)));
        Assert.StartsWith("HTTP/1.1 200", Ask("127.0.0.1"));
    }

    [Fact]
    public async Task A_port_that_somebody_else_has_is_opened_when_it_is_free()
    {
        var other = NetworkNamespace.Run(_namespace, () =>
        {
            var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            taken.Bind(new IPEndPoint(IPAddress.Any, Port));
            taken.Listen();
            return taken;
        });
        Set(IpFamily.V4, 1);
        other.Dispose();
        for (var i = 0; !Ask("127.0.0.1").StartsWith("HTTP/1.1 200", StringComparison.Ordinal); i++)
        {
            Assert.True(i < 300);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private void Set(IpFamily family, int? endpoints)
    {
        var key = new ServicePortKey(new("ns", "web", ""), family);
        _ports.Set(new Dictionary<ServicePortKey, ServicePortPlan?>
        {
            [key] = endpoints is not { } count ? null : new()
            {
                Key = key, ClusterIp = IpAddress.Any(family), Port = 80, HealthCheckNodePort = Port, ExternalLocal = true,
                LocalEndpoints = [.. Enumerable.Range(1, count).Select(i => new ServiceEndpoint(IpAddress.FromValue(family, (UInt128)i), 80))],
            },
        });
    }

    private string Ask(string address)
    {
        try
        {
            using var socket = Connect(address);
            socket.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8);
            using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (SocketException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{e.SocketErrorCode}");
        }
    }

    private Socket Connect(string address) => NetworkNamespace.Run(_namespace, () =>
    {
        var to = IpAddress.Parse(address).ToSystem();
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(to, Port);
        return socket;
    });
}
