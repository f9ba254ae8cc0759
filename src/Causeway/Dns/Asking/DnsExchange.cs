using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Causeway.Core.Naming.Forwarding;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;
using Causeway.Dns.Streams;
using Causeway.Linux.Namespaces;

namespace Causeway.Dns.Asking;

/// <summary>One question to one server, from a network namespace: over UDP, and over TCP what was truncated.</summary>
/// <param name="netns">The path of the namespace.</param>
internal sealed class DnsExchange(string netns)
{
    private const ushort Port = 53;

    /// <summary>The answer, and whether it came over TCP. Throws <see cref="SocketException"/> or
    /// <see cref="IOException"/> when there is none, <see cref="OperationCanceledException"/> when the time is over.</summary>
    public async Task<(DnsMessage Reply, bool ByStream)> AskAsync(
        DnsQuestion question, Nameserver server, bool byStream, CancellationToken cancel)
    {
        var query = new DnsMessage
        {
            Flags = DnsFlags.RecursionDesired, Questions = [question], Edns = new Edns(Edns.RecommendedUdpSize),
        };
        if (!byStream && await ByDatagram(query, server, cancel) is { IsTruncated: false } reply) return (reply, false);
        return (await ByStream(query, server, cancel), true);
    }

    private async Task<DnsMessage> ByDatagram(DnsMessage query, Nameserver server, CancellationToken cancel)
    {
        using var socket = Open(server, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(EndPoint(server), cancel);
        return await DatagramExchange.AskAsync(socket, query, DnsMessageWriter.LargestMessage, () => { }, cancel);
    }

    private async Task<DnsMessage> ByStream(DnsMessage query, Nameserver server, CancellationToken cancel)
    {
        using var socket = Open(server, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(EndPoint(server), cancel);
        await using NetworkStream stream = new(socket);
        var id = DatagramExchange.NewId();
        var bytes = new byte[2 + DnsMessageWriter.LargestMessage];
        var length = UpstreamQuery.Write(query, id, bytes.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)length);
        await stream.WriteAsync(bytes.AsMemory(0, 2 + length), cancel);
        await stream.ReadExactlyAsync(bytes.AsMemory(0, 2), cancel);
        length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        await stream.ReadExactlyAsync(bytes.AsMemory(0, length), cancel);
        return UpstreamQuery.Judge(bytes.AsSpan(0, length), query, id, out var reply) == UpstreamVerdict.Answer
            ? reply!
            : throw new IOException("what came over TCP is no answer to the question");
    }

    // A socket belongs to the namespace in which it was made, whoever uses it.
    private Socket Open(Nameserver server, SocketType kind, ProtocolType protocol) =>
        NetworkNamespace.Run(netns, () => new Socket(EndPoint(server).AddressFamily, kind, protocol));

    private static IPEndPoint EndPoint(Nameserver server) => new(server.Address.ToSystem(), Port);
}
