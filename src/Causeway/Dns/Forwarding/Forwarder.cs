using System.Collections.Immutable;
using System.Security.Cryptography;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.Forwarding;

/// <summary>Asks upstream servers, one after the other until one answers, for what this server does not know.</summary>
internal sealed class Forwarder : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly ForwardSettings _settings;
    private readonly ImmutableArray<UpstreamServer> _servers;
    private readonly DnsMetrics _metrics;
    private readonly DnsHandler _next;
    private int _turn;
    private int _running;

    public Forwarder(ForwardSettings settings, DnsMetrics metrics, DnsLog log, DnsHandler next)
    {
        (_settings, _metrics, _next) = (settings, metrics, next);
        var tls = UpstreamTls.Load(settings);
        _servers = [.. settings.To.Select(t => new UpstreamServer(t, settings, tls, metrics, log))];
        if (_servers.IsEmpty) log.NoUpstream(settings.At.ToString());
    }

    public async ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var name = query.Question.Name;
        if (!name.IsWithin(_settings.From) || _settings.Except.Any(name.IsWithin)) return await _next(query, cancel);
        if (_settings.MaxConcurrent > 0 && Volatile.Read(ref _running) >= _settings.MaxConcurrent)
        {
            _metrics.Rejects.Add();
            return query.Message.Reply(DnsRcode.REFUSED);
        }
        Interlocked.Increment(ref _running);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(Deadline);
            return await Ask(query, patience.Token) ?? query.Message.Reply(DnsRcode.SERVFAIL);
        }
        catch (OperationCanceledException)
        {
            return query.Message.Reply(DnsRcode.SERVFAIL);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public void Dispose()
    {
        foreach (var server in _servers) server.Dispose();
    }

    private async Task<DnsMessage?> Ask(DnsQuery query, CancellationToken cancel)
    {
        var byStream = _settings.ForceTcp || (query.Transport != DnsTransport.Udp && !_settings.PreferUdp);
        foreach (var server in Order())
        {
            if (await server.AskAsync(query.Message, byStream, cancel) is not { } answer) continue;
            // A client that came by a stream has room for all of it.
            return answer.IsTruncated && !byStream && query.Transport != DnsTransport.Udp
                ? await server.AskAsync(query.Message, byStream: true, cancel) ?? answer
                : answer;
        }
        return null;
    }

    private UpstreamServer[] Order()
    {
        UpstreamServer[] order = [.. _servers];
        switch (_settings.Policy)
        {
            case UpstreamPolicy.Random:
                RandomNumberGenerator.Shuffle(order.AsSpan());
                break;
            case UpstreamPolicy.RoundRobin when order.Length > 0:
                var turn = (int)((uint)Interlocked.Increment(ref _turn) % order.Length);
                order = [.. order[turn..], .. order[..turn]];
                break;
        }
        var healthy = Array.FindAll(order, s => !s.IsDown);
        if (healthy.Length > 0 || order.Length == 0) return healthy;
        // The probes may be what fails: one is asked all the same.
        _metrics.AllDown.Add();
        return [order[RandomNumberGenerator.GetInt32(order.Length)]];
    }
}
