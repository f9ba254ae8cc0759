using System.Collections.Immutable;
using System.Net.Sockets;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;
using Causeway.Linux.Native;

namespace Causeway.Dns.Asking;

/// <summary>Asks as glibc's resolver does from a pod: each candidate of the search path, each type, each server in turn
/// (resolv.conf(5)).</summary>
/// <param name="netns">The path of the pod's network namespace.</param>
internal sealed class PodResolver(string netns, ResolvConf conf, TimeProvider time)
{
    private readonly DnsExchange _exchange = new(netns);

    /// <summary>Every question until one candidate is answered. What fails is told in the question.</summary>
    public async Task<AskedLookup> AskAsync(string name, ImmutableArray<DnsType> types, CancellationToken cancel)
    {
        var asked = ImmutableArray.CreateBuilder<AskedQuestion>();
        foreach (var candidate in SearchOrder.Of(name, conf))
        {
            var both = await Task.WhenAll(types.Select(t => AskAsync(candidate, t, cancel)));
            asked.AddRange(both);
            if (!SearchOrder.GoesOn(AskedLookup.Together(both))) break;
        }
        return new(asked.ToImmutable());
    }

    private async Task<AskedQuestion> AskAsync(Candidate candidate, DnsType type, CancellationToken cancel)
    {
        DnsQuestion question = new(DnsName.Parse(candidate.Name), type);
        var started = time.GetTimestamp();
        List<string> faults = [];
        Nameserver? last = null;
        DnsMessage? failure = null;
        for (var attempt = 0; attempt < Math.Max(1, conf.Attempts); attempt++)
            foreach (var server in conf.Nameservers)
            {
                last = server;
                try
                {
                    using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                    patience.CancelAfter(TimeSpan.FromSeconds(Math.Max(1, conf.Timeout)));
                    var (reply, byStream) = await _exchange.AskAsync(question, server, conf.UsesTcp, patience.Token);
                    if (reply.Rcode is DnsRcode.NOERROR or DnsRcode.NXDOMAIN)
                        return Done(reply, byStream ? "over TCP" : "");
                    // The next server may know better.
                    failure = reply;
                    faults.Add($"{server}: {reply.Rcode.Word()}");
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    faults.Add($"{server}: no answer within {conf.Timeout} s");
                }
                catch (Exception e) when (e is SocketException or IOException or SystemCallException)
                {
                    faults.Add($"{server}: {e.Message}");
                }
            }
        return Done(failure, last is null ? "resolv.conf names no nameserver" : string.Join("; ", faults.Distinct()));

        AskedQuestion Done(DnsMessage? reply, string fault) =>
            new(candidate, type, last, reply, time.GetElapsedTime(started), fault);
    }
}
