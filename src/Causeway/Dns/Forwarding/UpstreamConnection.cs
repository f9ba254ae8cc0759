using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Forwarding;
using Causeway.Core.Wire.Dns;
using Causeway.Dns.Streams;

namespace Causeway.Dns.Forwarding;

/// <summary>
/// A TCP or TLS connection to an upstream server. Many queries are in flight on it at once, told apart by id, and
/// answered in any order (RFC 7766 section 6.2.1.1).
/// </summary>
internal sealed class UpstreamConnection : IDisposable
{
    private const int MostInFlight = 4096;

    private readonly Stream _stream;
    private readonly Action<UpstreamVerdict> _ignored;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Dictionary<ushort, Waiting> _waiting = [];
    private readonly Lock _gate = new();
    private bool _ended;
    private bool _retired;
    private long _heard;

    private UpstreamConnection(Stream stream, Action<UpstreamVerdict> ignored)
    {
        (_stream, _ignored) = (stream, ignored);
        _heard = LastUsed = TimeProvider.System.GetTimestamp();
        _ = ReadAsync();
    }

    /// <summary>A timestamp.</summary>
    public long LastUsed { get; private set; }

    /// <summary>Whether another query may be asked on it.</summary>
    public bool IsUsable
    {
        get { lock (_gate) return !_ended && !_retired && _waiting.Count < MostInFlight; }
    }

    /// <param name="tls">For an upstream of that kind.</param>
    /// <param name="ignored">Told of what came and was no answer to any query.</param>
    public static async Task<UpstreamConnection> OpenAsync(
        Upstream upstream, UpstreamTls tls, Action<UpstreamVerdict> ignored, CancellationToken cancel)
    {
        IPEndPoint server = new(upstream.Address.ToSystem(), upstream.Port);
        Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(server, cancel);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (!upstream.IsTls) return new(stream, ignored);
            SslStream secure = new(stream);
            stream = secure;
            await secure.AuthenticateAsClientAsync(tls.Options(upstream), cancel);
            return new(stream, ignored);
        }
        catch
        {
            if (stream is null) socket.Dispose();
            else await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The answer; null when the connection ended before it came.</summary>
    public async Task<DnsMessage?> AskAsync(DnsMessage query, CancellationToken cancel)
    {
        Waiting waiting = new(query);
        if (!TryAdd(waiting, out var id)) return null;
        var asked = TimeProvider.System.GetTimestamp();
        try
        {
            _ = WriteAsync(query, id);
            return await waiting.Answer.Task.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (Volatile.Read(ref _heard) < asked)
        {
            // Nothing at all came back: the connection may be dead without our having been told.
            Retire();
            throw;
        }
        finally
        {
            Remove(id);
        }
    }

    /// <summary>Takes no more queries, and ends with the last that is in flight.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _retired = true;
            if (_waiting.Count > 0) return;
        }
        Dispose();
    }

    /// <summary>Ends it; who waits for an answer learns that none will come.</summary>
    public void Dispose()
    {
        Waiting[] left;
        lock (_gate)
        {
            if (_ended) return;
            _ended = true;
            left = [.. _waiting.Values];
        }
        _stream.Dispose();
        foreach (var waiting in left) waiting.Answer.TrySetResult(null);
    }

    private bool TryAdd(Waiting waiting, out ushort id)
    {
        lock (_gate)
        {
            id = 0;
            if (_ended || _retired || _waiting.Count >= MostInFlight) return false;
            do id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
            while (!_waiting.TryAdd(id, waiting));
            LastUsed = TimeProvider.System.GetTimestamp();
            return true;
        }
    }

    private void Remove(ushort id)
    {
        lock (_gate)
        {
            _waiting.Remove(id);
            LastUsed = TimeProvider.System.GetTimestamp();
            if (!_retired || _waiting.Count > 0) return;
        }
        Dispose();
    }

    // Not cancelled with its query: half a message would end the connection for all others.
    private async Task WriteAsync(DnsMessage query, ushort id)
    {
        var bytes = new byte[2 + UpstreamQuery.MaxBytes];
        var length = UpstreamQuery.Write(query, id, bytes.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)length);
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(bytes.AsMemory(0, 2 + length));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Dispose();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        using FrameReader reader = new(_stream, DnsMessageWriter.LargestMessage);
        try
        {
            while (await reader.ReadAsync(CancellationToken.None))
                while (reader.TryTake(out var message)) Take(message.Span);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It ended: said below to all who wait.
        }
        Dispose();
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        Volatile.Write(ref _heard, TimeProvider.System.GetTimestamp());
        Waiting? waiting = null;
        if (DnsHeader.TryRead(bytes, out var header))
            lock (_gate) _waiting.TryGetValue(header.Id, out waiting);
        if (waiting is null)
        {
            _ignored(UpstreamVerdict.OtherId);
            return;
        }
        var verdict = UpstreamQuery.Judge(bytes, waiting.Query, header.Id, out var answer);
        if (verdict == UpstreamVerdict.OtherCase) verdict = UpstreamVerdict.Answer;
        if (answer is not null) waiting.Answer.TrySetResult(answer);
        else _ignored(verdict);
    }

    private sealed record Waiting(DnsMessage Query)
    {
        // Not on the reader's thread: the others' answers wait for it.
        public TaskCompletionSource<DnsMessage?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
