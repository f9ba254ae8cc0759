using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;
using Causeway.Linux.Tests.Namespaces;
using Causeway.Linux.Tests.Services;

namespace Causeway.Linux.Tests.Netfilter;

/// <summary>Real UDP flows through services, which change under them.</summary>
public sealed class ConntrackTableTests : IDisposable
{
    private readonly List<IDisposable> _open = [];

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void A_flow_to_an_endpoint_that_went_is_forgotten_and_goes_to_another(IpFamily family)
    {
        var (lab, table) = Lab(family, 3);
        foreach (var pod in (int[])[1, 2]) Serve(lab, pod);
        var before = Plan(lab, family, 1, 2) with { NodePort = 30053 };
        lab.Load(before);
        var (inside, outside) = (Client(lab.Pods[2], family), Client(lab.Outside, family));
        var first = Ask(inside, Vip(family), 53);
        var others = Enumerable.Range(0, 30).Select(_ => Client(lab.Pods[2], family)).ToArray();
        var answers = others.Select(o => Ask(o, Vip(family), 53)).ToArray();
        Ask(outside, lab.NodeAddress, 30053);

        var after = Plan(lab, family, first == "1" ? 2 : 1) with { NodePort = 30053 };
        lab.Unload();
        lab.Load(after);
        // The kernel goes on with what it knows.
        Assert.Equal(first, Ask(inside, Vip(family), 53));
        var goes = table.List(new(family, 17)).Count(f => f.Reply.Source == IpAddress.Parse(lab.PodAddress(int.Parse(first!))));
        Assert.Equal(goes, table.Delete(Between(before, after)));

        Assert.NotEqual(first, Ask(inside, Vip(family), 53));
        Assert.NotEqual(first, Ask(outside, lab.NodeAddress, 30053));
        // Those of the endpoint that stayed are as they were.
        var stayed = others.Where((_, i) => answers[i] != first).ToArray();
        Assert.NotEmpty(stayed);
        var known = table.List(Filter(family)).Select(f => (int)f.Original.SourcePort).ToHashSet();
        Assert.All(stayed, s => Assert.Contains(((IPEndPoint)s.LocalEndPoint!).Port, known));
    }

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public async Task A_client_that_spoke_before_there_was_an_endpoint_is_answered_after(IpFamily family)
    {
        var (lab, table) = Lab(family, 2);
        Serve(lab, 1);
        var (inside, outside) = (Client(lab.Pods[1], family), Client(lab.Outside, family));
        // There is no service yet: out of the cluster, and to the node itself.
        lab.Node.Run("nft add table inet watch; nft add chain inet watch c '{ type filter hook prerouting priority 0; }';"
            + "nft add rule inet watch c ct state new counter");
        Assert.Null(Ask(inside, Vip(family), 53, 200));
        Assert.Null(Ask(outside, lab.NodeAddress, 30053, 200));
        // The neighbour may take its time to answer for the gateway.
        await Until.True(() => table.List(new(family, 17)).Count == 2);
        var after = Plan(lab, family, 1) with { NodePort = 30053 };
        lab.Load(after);
        Assert.Null(Ask(inside, Vip(family), 53, 200));
        Assert.Equal(2, table.Delete(Between(null, after)));
        Assert.Equal("1", Ask(inside, Vip(family), 53));
        Assert.Equal("1", Ask(outside, lab.NodeAddress, 30053));
    }

    [Fact]
    public void The_kernel_is_asked_for_the_flows_concerned_and_gives_no_others()
    {
        var (lab, table) = Lab(IpFamily.V4, 2);
        lab.Node.Run("for i in $(seq 1 100); do conntrack -I -p udp -s 10.1.0.$i -d 10.96.0.9 --sport 5 --dport 53 -t 60; done; "
            + "conntrack -I -p udp -s 10.1.0.1 -d 10.96.0.1 --sport 5 --dport 53 -t 60; "
            + "conntrack -I -p udp -s 10.1.0.1 -d 10.96.0.1 --sport 5 --dport 54 -t 60; "
            + "conntrack -I -p tcp -s 10.1.0.1 -d 10.96.0.1 --sport 5 --dport 53 -t 60 --state SYN_SENT");
        Assert.Equal(new FlowTuple(IpAddress.Parse("10.1.0.1"), 5, IpAddress.Parse("10.96.0.1"), 53),
            table.List(Filter(IpFamily.V4)).Single().Original);
        Assert.Equal(101, table.List(new(IpFamily.V4, 17, null, 53)).Count);
        Assert.Equal(102, table.List(new(IpFamily.V4, 17)).Count);
        Assert.Single(table.List(new(IpFamily.V4, 6)));
        // Many destinations at once: one look for all.
        var gone = Enumerable.Range(1, 20).Select(i => new StaleFlows(
            IpFamily.V4, IpAddress.Parse($"10.96.0.{i}"), 53, [])).ToArray();
        Assert.Equal(101, table.Delete(gone));
        Assert.Single(table.List(new(IpFamily.V4, 17)));
        Assert.Equal(0, table.Delete(gone));
    }

    public void Dispose()
    {
        for (var i = _open.Count - 1; i >= 0; i--) _open[i].Dispose();
    }

    private (ServiceLab, ConntrackTable) Lab(IpFamily family, int pods)
    {
        var lab = new ServiceLab(family, pods);
        _open.Add(lab);
        var socket = NetlinkSocket.OpenNetfilter(lab.Node.Path);
        _open.Add(socket);
        return (lab, new ConntrackTable(socket));
    }

    private static string Vip(IpFamily family) => family == IpFamily.V4 ? "10.96.0.1" : "fd00:96::1";

    private static ConntrackFilter Filter(IpFamily family) => new(family, 17, IpAddress.Parse(Vip(family)), 53);

    private static IReadOnlyList<StaleFlows> Between(ServicePortPlan? before, ServicePortPlan after) => StaleFlows.Between(
        before is null ? new() : new Dictionary<ServicePortKey, ServicePortPlan> { [after.Key] = before },
        new Dictionary<ServicePortKey, ServicePortPlan?> { [after.Key] = after });

    private static ServicePortPlan Plan(ServiceLab lab, IpFamily family, params int[] pods)
    {
        ImmutableArray<ServiceEndpoint> endpoints =
            [.. pods.Select(p => new ServiceEndpoint(IpAddress.Parse(lab.PodAddress(p)), 5353, IsLocal: true))];
        return new()
        {
            Key = new(new("ns", "dns", "", TransportProtocol.Udp), family), ClusterIp = IpAddress.Parse(Vip(family)),
            Port = 53, ClusterEndpoints = endpoints, FlowEndpoints = endpoints, HasEndpoints = pods.Length > 0,
        };
    }

    /// <summary>Answers with the pod's number.</summary>
    private void Serve(ServiceLab lab, int pod)
    {
        var any = lab.PodAddress(pod).Contains(':') ? IPAddress.IPv6Any : IPAddress.Any;
        var socket = Open(lab.Pods[pod - 1], new(any, 5353));
        _ = Task.Run(async () =>
        {
            var buffer = new byte[100];
            try
            {
                while (true)
                {
                    var got = await socket.ReceiveFromAsync(buffer, new IPEndPoint(any, 0));
                    await socket.SendToAsync(Encoding.ASCII.GetBytes($"{pod}"), got.RemoteEndPoint);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test ended.
            }
        });
    }

    private Socket Client(TestNamespace from, IpFamily family) =>
        Open(from, new(family == IpFamily.V4 ? IPAddress.Any : IPAddress.IPv6Any, 0));

    private Socket Open(TestNamespace place, IPEndPoint at)
    {
        var socket = NetworkNamespace.Run(place.Path, () =>
        {
            var made = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            made.Bind(at);
            return made;
        });
        _open.Add(socket);
        return socket;
    }

    /// <summary>The answer; null when there comes none.</summary>
    private static string? Ask(Socket socket, string address, int port, int patienceMs = 30_000)
    {
        socket.SendTo("?"u8, new IPEndPoint(IpAddress.Parse(address).ToSystem(), port));
        if (!socket.Poll(patienceMs * 1000, SelectMode.SelectRead)) return null;
        var buffer = new byte[100];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
