using System.Net;
using System.Net.Sockets;
using System.Text;
using Causeway.Linux.Namespaces;

namespace Causeway.Lab.Fabric;

/// <summary>
/// The HTTP server on the host outside: it answers every request with the address that the request came from, so
/// that one sees whether a pod's packets were masqueraded.
/// </summary>
public static class OutsideServer
{
    public const int Port = 80;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(CancellationToken cancellation)
    {
        // A socket keeps the network namespace it was made in; serving it can happen on any thread.
        using var listener = NetworkNamespace.Run(
            $"{NetworkNamespace.Directory}/{FabricLayout.OutsideNamespace}", Listen);
        while (true)
        {
            var connection = await listener.AcceptAsync(cancellation);
            _ = AnswerAsync(connection, cancellation);
        }
    }

    private static Socket Listen()
    {
        var both = Socket.OSSupportsIPv6;
        var socket = both
            ? new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true }
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(both ? IPAddress.IPv6Any : IPAddress.Any, Port));
        socket.Listen(256);
        return socket;
    }

    private static async Task AnswerAsync(Socket connection, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            using (connection)
            {
                await ReadHeadAsync(connection, limit.Token);
                var peer = (IPEndPoint)connection.RemoteEndPoint!;
                var from = peer.Address.IsIPv4MappedToIPv6 ? peer.Address.MapToIPv4() : peer.Address;
                var body = $"{from}\n";
                var answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                    + $"Content-Length: {body.Length}\r\n\r\n{body}";
                await connection.SendAsync(Encoding.ASCII.GetBytes(answer), limit.Token);
                connection.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A client that goes away is its own affair.
        }
    }

    private static async Task ReadHeadAsync(Socket connection, CancellationToken cancellation)
    {
        const int MaxHead = 8192;
        var head = new byte[MaxHead];
        var length = 0;
        while (length < MaxHead)
        {
            var read = await connection.ReceiveAsync(head.AsMemory(length), cancellation);
            length += read;
            if (read == 0 || head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0) return;
        }
    }
}
