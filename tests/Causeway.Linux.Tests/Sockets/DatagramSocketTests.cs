using System.Net;
using System.Net.Sockets;
using Causeway.Core.Addressing;
using Causeway.Linux.Native;
using Causeway.Linux.Sockets;

namespace Causeway.Linux.Tests.Sockets;

public sealed class DatagramSocketTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData(null, "127.0.0.1")]
    [InlineData(null, "127.0.0.7")]
    [InlineData(null, "::1")]
    public void Datagrams_are_answered_from_the_address_that_they_came_to(string? bound, string target)
    {
        using var server = DatagramSocket.Open(bound is null ? null : IpAddress.Parse(bound), 0, 512);
        using UdpClient client = new(target.Contains(':', StringComparison.Ordinal) ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
        // A connected socket takes datagrams from this address alone.
        client.Connect(IpAddress.Parse(target).ToSystem(), server.Port);
        client.Client.ReceiveTimeout = 30_000;
        for (byte i = 0; i < 100; i++) client.Send([i, 1, 2]);

        List<DatagramPeer> later = [];
        for (var seen = 0; seen < 100;)
        {
            var count = server.Receive(wait: true);
            for (var slot = 0; slot < count; slot++, seen++)
            {
                Assert.Equal(3, server.Request(slot).Length);
                var peer = server.Peer(slot);
                Assert.Equal((ushort)((IPEndPoint)client.Client.LocalEndPoint!).Port, peer.Port);
                Assert.Equal(IpAddress.FromSystem(((IPEndPoint)client.Client.LocalEndPoint!).Address), peer.Address);
                if (server.Request(slot)[0] % 2 == 0)
                {
                    later.Add(peer);
                    continue;
                }
                server.Request(slot).CopyTo(server.Reply(slot));
                server.Answer(slot, 3);
            }
            server.Send();
        }
        foreach (var peer in later) Assert.True(server.Send(peer, [8, 9]));
        var from = new IPEndPoint(IPAddress.Any, 0);
        var lengths = Enumerable.Range(0, 100).Select(_ => client.Receive(ref from).Length).ToList();
        Assert.Equal(50, lengths.Count(l => l == 3));
        Assert.Equal(50, lengths.Count(l => l == 2));
    }

    [Fact]
    public void Several_sockets_share_a_port()
    {
        using var one = DatagramSocket.Open(IpAddress.Parse("127.0.0.1"), 0, 512);
        using var two = DatagramSocket.Open(IpAddress.Parse("127.0.0.1"), one.Port, 512);
        Assert.Equal(one.Port, two.Port);
        Assert.Equal(0, two.Receive(wait: false));
    }

    [Fact]
    public void An_address_that_is_not_here_is_named()
    {
        var error = Assert.Throws<SystemCallException>(() => DatagramSocket.Open(IpAddress.Parse("192.0.2.77"), 5353, 512));
        Assert.Contains("192.0.2.77:5353/udp", error.Message, StringComparison.Ordinal);
    }
}
