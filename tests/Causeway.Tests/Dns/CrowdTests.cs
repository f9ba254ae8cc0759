using System.Net;
using System.Net.Sockets;
using Causeway.Core.Wire.Dns;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Dns;

/// <summary>Many clients at once.</summary>
[Collection("lab")]
public sealed class CrowdTests
{
    private const int Connections = 10_000;

    [Fact]
    public async Task Ten_thousand_connections_are_all_answered_and_hinder_nobody()
    {
        await using var lab = LabHarness.AsRoot();
        await using var server = await DnsServer.StartAsync(lab, "hosts {\n 192.0.2.1 a.example\n}");
        var question = new byte[512];
        var length = DnsMessageWriter.Write(new() { Id = 7, Questions = [new(DnsName.Parse("a.example."), DnsType.A)] }, question.AsSpan(2));
        question[1] = (byte)length;
        List<Socket> clients = [];
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                // Reset at the end, so that ten thousand ports are not held for a minute.
                Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new(true, 0) };
                clients.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, server.Port);
                await client.SendAsync(question.AsMemory(0, 2 + length));
            }
            var answers = await Task.WhenAll(clients.Select(Answer));
            Assert.All(answers, answer => Assert.Equal(7, answer.Id));
            Assert.All(answers, answer => Assert.Single(answer.Answers));
            Assert.Equal("192.0.2.1", await server.DigAsync("a.example", "A"));
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }
        Assert.Equal("192.0.2.1", await server.DigAsync("+tcp", "a.example", "A"));
    }

    private static async Task<DnsMessage> Answer(Socket client)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        var bytes = new byte[512];
        var read = 0;
        while (read < 2 || read < 2 + bytes[1])
        {
            var more = await client.ReceiveAsync(bytes.AsMemory(read), patience.Token);
            Assert.NotEqual(0, more);
            read += more;
        }
        Assert.True(DnsMessageReader.TryRead(bytes.AsSpan(2, read - 2), out var message, out var fault), $"{fault}");
        return message;
    }
}
