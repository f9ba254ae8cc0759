using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Wire.Dns;
using Causeway.Dns.Streams;

namespace Causeway.Dns.Serving;

/// <summary>
/// Answers queries over TCP (RFC 7766), or TLS over it (RFC 7858): many on one connection, answered as they are known. A
/// connection without a query in flight is closed after a while, sooner when there are many.
/// </summary>
internal sealed class TcpServer : IDisposable
{
    private const int MostConnections = 20_000;
    private const int MostInFlight = 64;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleInACrowd = TimeSpan.FromSeconds(2);

    private readonly Socket _listener;
    private readonly Func<DnsPipeline> _pipeline;
    private readonly DnsMetrics _metrics;
    private readonly Func<SslServerAuthenticationOptions>? _tls;
    private int _connections;

    /// <param name="address">Null: all.</param>
    /// <param name="port">0: any.</param>
    /// <param name="tls">As it is to be now; null for TCP without TLS.</param>
    public TcpServer(
        IpAddress? address, ushort port, Func<DnsPipeline> pipeline, DnsMetrics metrics,
        Func<SslServerAuthenticationOptions>? tls = null)
    {
        (_pipeline, _metrics, _tls) = (pipeline, metrics, tls);
        var end = new IPEndPoint(address?.ToSystem() ?? IPAddress.IPv6Any, port);
        _listener = new(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address is null) _listener.DualMode = true;
            _listener.Bind(end);
            _listener.Listen(4096);
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new InputException($"cannot listen on {address?.ToString() ?? "*"}:{port}/tcp: {e.Message}", e);
        }
    }

    public ushort Port => (ushort)((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Runs until cancelled; what is in flight then is still answered.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptAsync(cancel);
                if (Volatile.Read(ref _connections) >= MostConnections) client.Dispose();
                else _ = Serve(client, cancel);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (SocketException)
            {
                // Out of descriptors, or the client left at once: others come.
                await Task.Delay(10, CancellationToken.None);
            }
        }
        while (Volatile.Read(ref _connections) > 0) await Task.Delay(10, CancellationToken.None);
    }

    public void Dispose() => _listener.Dispose();

    private async Task Serve(Socket client, CancellationToken cancel)
    {
        Interlocked.Increment(ref _connections);
        using SemaphoreSlim inFlight = new(MostInFlight), writing = new(1);
        try
        {
            client.NoDelay = true;
            await using var stream = await Open(client, cancel);
            using FrameReader frames = new(stream, DnsMessageWriter.LargestMessage);
            var from = (IPEndPoint)client.RemoteEndPoint!;
            var address = IpAddress.FromSystem(from.Address.IsIPv4MappedToIPv6 ? from.Address.MapToIPv4() : from.Address);
            while (await ReadFrame(frames, cancel) is { } frame)
            {
                await inFlight.WaitAsync(CancellationToken.None);
                _ = Answer(stream, frame, address, (ushort)from.Port, inFlight, writing);
            }
            for (var i = 0; i < MostInFlight; i++) await inFlight.WaitAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException
            or AuthenticationException)
        {
            for (var i = 0; i < MostInFlight; i++) await inFlight.WaitAsync(CancellationToken.None);
        }
        finally
        {
            client.Dispose();
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task<Stream> Open(Socket client, CancellationToken cancel)
    {
        NetworkStream plain = new(client, ownsSocket: true);
        if (_tls is null) return plain;
        SslStream secure = new(plain);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Idle);
        await secure.AuthenticateAsServerAsync(_tls(), patience.Token);
        return secure;
    }

    /// <summary>Null at the end, when the client is too slow, or for what is too short to be a message.</summary>
    private async Task<byte[]?> ReadFrame(FrameReader frames, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Volatile.Read(ref _connections) > MostConnections / 2 ? IdleInACrowd : Idle);
        ReadOnlyMemory<byte> message;
        while (!frames.TryTake(out message))
            if (!await frames.ReadAsync(patience.Token)) return null;
        return message.Length < DnsHeader.Bytes ? null : message.ToArray();
    }

    private async Task Answer(
        Stream client, byte[] frame, IpAddress address, ushort port, SemaphoreSlim inFlight, SemaphoreSlim writing)
    {
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            var intake = DnsIntake.Read(frame, address, port, _tls is null ? DnsTransport.Tcp : DnsTransport.Tls);
            if (intake is { Query: null, Refusal: null }) return;
            var reply = intake.Refusal
                ?? await _pipeline().Handler(intake.Query!, CancellationToken.None);
            if (DnsReply.IsNone(reply))
            {
                _metrics.Unanswered(intake.Query!);
                return;
            }
            var sent = 0;
            await writing.WaitAsync();
            try
            {
                foreach (var message in TransferMessages.IsTransfer(reply) ? TransferMessages.Split(reply) : [reply])
                    sent += await Send(client, message, intake.Query?.Message);
            }
            finally
            {
                writing.Release();
            }
            if (intake.Query is { } query)
                _metrics.Answered(query, reply, frame.Length, sent, TimeProvider.System.GetElapsedTime(started));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The client has gone.
        }
        catch (OperationCanceledException)
        {
            // It does not take what it asked for.
            await client.DisposeAsync();
        }
        catch (Exception e)
        {
            _metrics.Broken(e);
        }
        finally
        {
            inFlight.Release();
        }
    }

    /// <summary>The message's length.</summary>
    private static async Task<int> Send(Stream client, DnsMessage reply, DnsMessage? query)
    {
        var length = Write(reply, query, out var bytes);
        using CancellationTokenSource patience = new(Idle);
        await client.WriteAsync(bytes.AsMemory(0, length + 2), patience.Token);
        return length;
    }

    private static int Write(DnsMessage reply, DnsMessage? query, out byte[] bytes)
    {
        // Few answers are long.
        bytes = new byte[4096 + 2];
        var length = DnsReply.Write(reply, query, DnsTransport.Tcp, bytes.AsSpan(2));
        if ((bytes[4] & 2) != 0 && !reply.IsTruncated)
        {
            bytes = new byte[DnsMessageWriter.LargestMessage + 2];
            length = DnsReply.Write(reply, query, DnsTransport.Tcp, bytes.AsSpan(2));
        }
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)length);
        return length;
    }
}
