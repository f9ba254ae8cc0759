using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Services;

namespace Causeway.Agent.Proxy;

/// <summary>
/// One health check port, on all addresses of the node. Whatever is asked there over HTTP, the answer is the
/// service's health in the family that it was asked over.
/// </summary>
internal sealed class HealthPort : IDisposable
{
    private const int RequestBytes = 8 * 1024;
    private const int MostAtOnce = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket _listener;
    private readonly Func<bool> _proxyHealthy;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _room = new(MostAtOnce);

    private HealthPort(Socket listener, Func<bool> proxyHealthy, TimeProvider time) =>
        (_listener, _proxyHealthy, _time) = (listener, proxyHealthy, time);

    /// <summary>What it answers: one service, in one or two families.</summary>
    public required IReadOnlyList<ServiceHealth> Health { get; set; }

    /// <summary>Answers who comes to a listener, which is closed at the end.</summary>
    public static HealthPort Serve(
        Socket listener, IReadOnlyList<ServiceHealth> health, Func<bool> proxyHealthy, TimeProvider time)
    {
        var opened = new HealthPort(listener, proxyHealthy, time) { Health = health };
        _ = opened.RunAsync();
        return opened;
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }

    /// <summary>A listener on all addresses. Throws <see cref="SocketException"/> when the port is not to be had.</summary>
    public static Socket Listen(ushort port)
    {
        // A node without IPv6 has no such sockets.
        var dual = Socket.OSSupportsIPv6;
        var socket = new Socket(
            dual ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (dual) socket.DualMode = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(dual ? IPAddress.IPv6Any : IPAddress.Any, port));
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await _room.WaitAsync(_end.Token);
                var socket = await _listener.AcceptAsync(_end.Token);
                _ = AnswerAsync(socket);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The one who connected has gone again, or the process has too many files open for the moment.
                _room.Release();
            }
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using var _ = socket;
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _end.Token);
        try
        {
            if (!await ReadRequest(socket, either.Token)) return;
            var answer = Answer(FamilyOf(socket));
            for (var sent = 0; sent < answer.Length;)
                sent += await socket.SendAsync(answer.AsMemory(sent), either.Token);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The one who asked has gone, or is too slow.
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>Reads up to the blank line; false when there comes none.</summary>
    private static async Task<bool> ReadRequest(Socket socket, CancellationToken cancel)
    {
        var buffer = new byte[RequestBytes];
        for (var length = 0; length < buffer.Length;)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            if (count == 0) return false;
            length += count;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0) return true;
        }
        return false;
    }

    private static IpFamily FamilyOf(Socket socket) =>
        socket.RemoteEndPoint is IPEndPoint { Address: { IsIPv4MappedToIPv6: false, AddressFamily: AddressFamily.InterNetworkV6 } }
            ? IpFamily.V6
            : IpFamily.V4;

    private byte[] Answer(IpFamily family)
    {
        var known = Health;
        var health = known.FirstOrDefault(h => h.Family == family) ?? known[0];
        var healthy = _proxyHealthy();
        var body = health.Body(healthy);
        var status = health.Status(healthy) == 200 ? "200 OK" : "503 Service Unavailable";
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
            + $"{ServiceHealth.WeightHeader}: {health.Weight}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}"));
    }
}
