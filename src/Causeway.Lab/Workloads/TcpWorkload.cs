using System.Net;
using System.Net.Sockets;

namespace Causeway.Lab.Workloads;

/// <summary>A TCP server on blocking sockets: a thread per connection with a small stack, none while idle.
/// Dual-stack where the kernel has IPv6.</summary>
internal sealed class TcpWorkload(int port, Action<Socket> hold)
{
    private const int MaximumConnections = 256;
    private const int StackBytes = 256 * 1024;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    /// <summary>Serves for ever; throws <see cref="SocketException"/> when the port cannot be had.</summary>
    /// <param name="serving">Called once the port is open.</param>
    public void Run(Action serving)
    {
        using var free = new SemaphoreSlim(MaximumConnections);
        using var listener = Bind(SocketType.Stream, ProtocolType.Tcp, port);
        listener.Listen(128);
        serving();
        while (true)
        {
            free.Wait();
            Socket socket;
            try
            {
                socket = listener.Accept();
            }
            catch (SocketException)
            {
                // The peer went away between its SYN and our accept.
                free.Release();
                continue;
            }
            new Thread(() => Serve(socket, free), StackBytes) { IsBackground = true }.Start();
        }
    }

    internal static Socket Bind(SocketType type, ProtocolType protocol, int port)
    {
        try
        {
            var both = new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true };
            both.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return both;
        }
        catch (SocketException e) when (e.SocketErrorCode != SocketError.AddressAlreadyInUse)
        {
            var v4 = new Socket(AddressFamily.InterNetwork, type, protocol);
            v4.Bind(new IPEndPoint(IPAddress.Any, port));
            return v4;
        }
    }

    private void Serve(Socket socket, SemaphoreSlim free)
    {
        try
        {
            socket.NoDelay = true;
            socket.ReceiveTimeout = socket.SendTimeout = (int)Idle.TotalMilliseconds;
            hold(socket);
        }
        catch (SocketException)
        {
            // A client that leaves or stalls concerns nobody else.
        }
        finally
        {
            socket.Dispose();
            free.Release();
        }
    }
}

/// <summary>The conversations that need no protocol.</summary>
internal static class TcpConversations
{
    public static void Echo(Socket socket)
    {
        var buffer = new byte[4096];
        while (socket.Receive(buffer) is > 0 and var count) SendAll(socket, buffer.AsSpan(0, count));
    }

    public static void Tell(Socket socket, string text) =>
        SendAll(socket, System.Text.Encoding.UTF8.GetBytes(text));

    public static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[socket.Send(bytes)..];
    }
}
