using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Tests.Dns;

/// <summary>An upstream server that does as it is told, on loopback.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Task> _running = [];
    private int _asked;

    /// <param name="udp">The datagrams that answer a question.</param>
    /// <param name="tcp">The messages that answer a question; null: the connection ends.</param>
    /// <param name="certificate">For TLS in place of TCP.</param>
    public FakeUpstream(
        Func<DnsMessage, IEnumerable<byte[]>>? udp = null, Func<DnsMessage, IEnumerable<byte[]>?>? tcp = null,
        X509Certificate2? certificate = null)
    {
        Port = DnsServer.FreePort();
        _udp.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _tcp.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _tcp.Listen(100);
        if (udp is not null) _running.Add(AnswerDatagrams(udp));
        if (tcp is not null) _running.Add(Accept(tcp, certificate));
    }

    public int Port { get; }

    public int Asked => Volatile.Read(ref _asked);

    public static byte[] Bytes(DnsMessage message)
    {
        var bytes = new byte[4096];
        return bytes[..DnsMessageWriter.Write(message, bytes)];
    }

    public static DnsMessage Answer(DnsMessage query, string address)
    {
        var reply = query.Reply(DnsRcode.NOERROR);
        return reply with
        {
            Answers = [new(query.Questions[0].Name, DnsType.A, 60, DnsData.Of(IpAddress.Parse(address)))],
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await Task.WhenAll(_running);
        _end.Dispose();
    }

    private async Task AnswerDatagrams(Func<DnsMessage, IEnumerable<byte[]>> answers)
    {
        var bytes = new byte[4096];
        try
        {
            while (true)
            {
                var from = await _udp.ReceiveFromAsync(bytes, new IPEndPoint(IPAddress.Any, 0), _end.Token);
                if (!DnsMessageReader.TryRead(bytes.AsSpan(0, from.ReceivedBytes), out var query, out _)) continue;
                Interlocked.Increment(ref _asked);
                foreach (var answer in answers(query)) await _udp.SendToAsync(answer, from.RemoteEndPoint, _end.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task Accept(Func<DnsMessage, IEnumerable<byte[]>?> answers, X509Certificate2? certificate)
    {
        List<Task> clients = [];
        try
        {
            while (true) clients.Add(Serve(await _tcp.AcceptAsync(_end.Token), answers, certificate));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task Serve(Socket client, Func<DnsMessage, IEnumerable<byte[]>?> answers, X509Certificate2? certificate)
    {
        try
        {
            await using NetworkStream plain = new(client, ownsSocket: true);
            await using Stream stream = certificate is null ? plain : new SslStream(plain);
            if (stream is SslStream secure) await secure.AuthenticateAsServerAsync(certificate!);
            var length = new byte[2];
            while (true)
            {
                await stream.ReadExactlyAsync(length, _end.Token);
                var bytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(bytes, _end.Token);
                if (!DnsMessageReader.TryRead(bytes, out var query, out _)) return;
                Interlocked.Increment(ref _asked);
                if (answers(query) is not { } messages) return;
                foreach (var message in messages)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Length);
                    await stream.WriteAsync((byte[])[.. length, .. message], _end.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client went, or did not like us.
        }
    }
}
