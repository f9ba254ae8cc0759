using System.Net.Sockets;
using System.Security.Cryptography;
using Causeway.Core.Naming.Forwarding;
using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.Streams;

/// <summary>One question over UDP (RFC 5452): with a random id, until its answer comes.</summary>
internal static class DatagramExchange
{
    /// <param name="socket">Connected, so that the kernel lets through what comes from the server's address alone.</param>
    /// <param name="room">How long an answer may be, in bytes.</param>
    /// <param name="ignored">Told of each datagram that is no answer to the question.</param>
    /// <returns>The answer; of one that cannot be read, most likely since it was cut, that it is truncated.</returns>
    public static async Task<DnsMessage> AskAsync(
        Socket socket, DnsMessage query, int room, Action ignored, CancellationToken cancel)
    {
        var id = NewId();
        var bytes = new byte[room];
        var length = UpstreamQuery.Write(query, id, bytes);
        await socket.SendAsync(bytes.AsMemory(0, length), cancel);
        while (true)
        {
            length = await socket.ReceiveAsync(bytes, cancel);
            switch (UpstreamQuery.Judge(bytes.AsSpan(0, length), query, id, out var answer))
            {
                case UpstreamVerdict.Answer:
                    return answer!;
                case UpstreamVerdict.Unreadable:
                    return UpstreamQuery.Truncated(query);
                default:
                    ignored();
                    break;
            }
        }
    }

    public static ushort NewId() => (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
}
