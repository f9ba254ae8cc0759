using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;
using Causeway.Dns.Streams;

namespace Causeway.Dns.Forwarding;

/// <summary>One upstream server: asked by UDP from a port of its own for each query (RFC 5452 section 9.2), or over a
/// connection that many share; probed after it failed, until it answers.</summary>
internal sealed class UpstreamServer(
    Upstream address, ForwardSettings settings, UpstreamTls tls, DnsMetrics metrics, DnsLog log) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _opening = new(1);
    private readonly CancellationTokenSource _end = new();
    private UpstreamConnection? _connection;
    private int _fails;
    private int _probing;

    /// <summary>Whether it failed so many probes that others are asked.</summary>
    public bool IsDown => settings.MaxFails > 0 && Volatile.Read(ref _fails) >= settings.MaxFails;

    /// <summary>The answer; null when none came in time, which starts the probes.</summary>
    public async Task<DnsMessage?> AskAsync(DnsMessage query, bool byStream, CancellationToken cancel)
    {
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            var answer = await Exchange(query, byStream, cancel);
            if (answer is not null)
                metrics.Forwarded(address.ToString(), answer.Rcode, TimeProvider.System.GetElapsedTime(started));
            else Failed("the connection ended");
            return answer;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            Failed(e.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            Failed($"no answer within {Patience.TotalSeconds:0} s");
        }
        return null;
    }

    public void Dispose()
    {
        _end.Cancel();
        _connection?.Retire();
    }

    private async Task<DnsMessage?> Exchange(DnsMessage query, bool byStream, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        if (!byStream && !address.IsTls) return await AskByDatagram(query, patience.Token);
        var connection = await Connection(patience.Token);
        if (await connection.AskAsync(query, patience.Token) is { } answer) return answer;
        // A server may close an idle connection at any moment: once more, over a new one.
        connection = await Connection(patience.Token);
        return await connection.AskAsync(query, patience.Token);
    }

    private async Task<DnsMessage> AskByDatagram(DnsMessage query, CancellationToken cancel)
    {
        IPEndPoint server = new(address.Address.ToSystem(), address.Port);
        using Socket socket = new(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        // The kernel chooses a random port, and lets through what comes from the server's address alone.
        await socket.ConnectAsync(server, cancel);
        return await DatagramExchange.AskAsync(socket, query, Edns.RecommendedUdpSize, () => metrics.Ignored.Add(), cancel);
    }

    private async Task<UpstreamConnection> Connection(CancellationToken cancel)
    {
        await _opening.WaitAsync(cancel);
        try
        {
            if (_connection is { IsUsable: true } known
                && TimeProvider.System.GetElapsedTime(known.LastUsed) < settings.Expire) return known;
            _connection?.Retire();
            return _connection = await UpstreamConnection.OpenAsync(address, tls, _ => metrics.Ignored.Add(), cancel);
        }
        finally
        {
            _opening.Release();
        }
    }

    private void Failed(string why)
    {
        if (settings.MaxFails == 0 || Interlocked.Exchange(ref _probing, 1) == 1) return;
        log.UpstreamFails(address.ToString(), why);
        _ = ProbeAsync();
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever fails, the server is not well")]
    private async Task ProbeAsync()
    {
        DnsMessage probe = new()
        {
            Flags = settings.HealthRecursion ? DnsFlags.RecursionDesired : DnsFlags.None,
            Questions = [new(settings.HealthName, DnsType.NS)],
        };
        while (!_end.IsCancellationRequested)
        {
            try
            {
                if (await Exchange(probe, settings.ForceTcp, _end.Token) is not null) break;
            }
            catch (Exception)
            {
                // Counted below.
            }
            Interlocked.Increment(ref _fails);
            metrics.HealthFailures.Add();
            await Task.Delay(settings.HealthCheck, CancellationToken.None);
        }
        Volatile.Write(ref _fails, 0);
        Volatile.Write(ref _probing, 0);
        if (!_end.IsCancellationRequested) log.UpstreamRecovered(address.ToString());
    }
}
