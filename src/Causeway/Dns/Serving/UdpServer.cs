using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Wire.Dns;
using Causeway.Linux.Sockets;

namespace Causeway.Dns.Serving;

/// <summary>
/// Answers queries over UDP: some threads, each with a socket of its own on the same port. What a thread can answer at
/// once it answers in the same batch; what must wait for others is answered when it is known.
/// </summary>
internal sealed class UdpServer : IDisposable
{
    // More than this wait only when upstream servers are dead; their clients have long asked again.
    private const int MostWaiting = 20_000;

    private readonly List<DatagramSocket> _sockets = [];
    private readonly Func<DnsPipeline> _pipeline;
    private readonly DnsMetrics _metrics;
    private readonly CancellationTokenSource _end = new();
    private int _waiting;

    /// <param name="address">Null: all.</param>
    /// <param name="port">0: any.</param>
    /// <param name="pipeline">Asked once for each batch.</param>
    public UdpServer(IpAddress? address, ushort port, int threads, Func<DnsPipeline> pipeline, DnsMetrics metrics)
    {
        (_pipeline, _metrics) = (pipeline, metrics);
        for (var i = 0; i < threads; i++)
        {
            _sockets.Add(DatagramSocket.Open(address, port, Edns.RecommendedUdpSize));
            port = _sockets[0].Port;
        }
        Port = port;
    }

    public ushort Port { get; }

    /// <summary>Runs until cancelled, and answers what has come until then.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var threads = _sockets.Select(s => Task.Factory.StartNew(
            () => Run(s, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        await Task.WhenAll(threads);
        // The handlers have deadlines of their own.
        while (Volatile.Read(ref _waiting) > 0) await Task.Delay(10, CancellationToken.None);
    }

    public void Dispose()
    {
        _end.Cancel();
        foreach (var socket in _sockets) socket.Dispose();
        _end.Dispose();
    }

    private void Run(DatagramSocket socket, CancellationToken cancel)
    {
        UdpCounts counts = new(_metrics);
        var turn = 0u;
        while (true)
        {
            var going = !cancel.IsCancellationRequested;
            var count = socket.Receive(wait: going);
            if (count == 0 && !going) return;
            if (count > 0) Answer(socket, count, counts, ref turn);
        }
    }

    private void Answer(DatagramSocket socket, int count, UdpCounts counts, ref uint turn)
    {
        var started = TimeProvider.System.GetTimestamp();
        var pipeline = _pipeline();
        var zone = pipeline.Zone();
        for (var slot = 0; slot < count; slot++)
        {
            var request = socket.Request(slot);
            if (zone is not null && DnsQueryView.TryRead(request, out var view))
            {
                var reply = socket.Reply(slot);
                var length = zone.TryAnswer(view, reply[..Math.Min(reply.Length, view.UdpSize)], turn++);
                if (length > 0)
                {
                    counts.Add(view.Type, reply[3], request.Length, length, view.DnssecOk);
                    socket.Answer(slot, length);
                    continue;
                }
            }
            Handle(socket, slot, pipeline.Handler);
        }
        socket.Send();
        counts.Flush(TimeProvider.System.GetElapsedTime(started));
    }

    private void Handle(DatagramSocket socket, int slot, DnsHandler handler)
    {
        var peer = socket.Peer(slot);
        var request = socket.Request(slot);
        var intake = DnsIntake.Read(request, peer.Address, peer.Port, DnsTransport.Udp);
        if (intake.Refusal is { } refusal)
        {
            _metrics.Refused(refusal.Rcode);
            socket.Answer(slot, DnsReply.Write(refusal, null, DnsTransport.Udp, socket.Reply(slot)));
        }
        if (intake.Query is not { } query) return;
        if (Volatile.Read(ref _waiting) >= MostWaiting)
        {
            _metrics.Dropped.Add();
            return;
        }
        var started = TimeProvider.System.GetTimestamp();
        var size = request.Length;
        var task = handler(query, _end.Token);
        if (!task.IsCompletedSuccessfully)
        {
            Interlocked.Increment(ref _waiting);
            _ = Finish(socket, peer, query, size, started, task);
            return;
        }
        var reply = task.Result;
        if (DnsReply.IsNone(reply))
        {
            _metrics.Unanswered(query);
            return;
        }
        var length = DnsReply.Write(reply, query.Message, DnsTransport.Udp, socket.Reply(slot));
        socket.Answer(slot, length);
        _metrics.Answered(query, reply, size, length, TimeProvider.System.GetElapsedTime(started));
    }

    private async Task Finish(
        DatagramSocket socket, DatagramPeer peer, DnsQuery query, int size, long started, ValueTask<DnsMessage> task)
    {
        try
        {
            var reply = await task;
            if (DnsReply.IsNone(reply))
            {
                _metrics.Unanswered(query);
                return;
            }
            var bytes = new byte[Edns.RecommendedUdpSize];
            var length = DnsReply.Write(reply, query.Message, DnsTransport.Udp, bytes);
            socket.Send(peer, bytes.AsSpan(0, length));
            _metrics.Answered(query, reply, size, length, TimeProvider.System.GetElapsedTime(started));
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
        catch (Exception e)
        {
            // A handler never throws; should one, then of one query, not of all.
            _metrics.Broken(e);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
