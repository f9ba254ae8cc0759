using System.Globalization;
using System.Security.Cryptography;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.Serving;

/// <summary>Finds out whether what is forwarded comes back: a question that only this server knows is sent, and must not
/// be met again. While there is a loop nothing is passed on.</summary>
internal sealed class LoopGuard(LoopSettings settings, DnsLog log, DnsHandler next)
{
    private readonly DnsName _name = DnsName.Parse(string.Create(
        CultureInfo.InvariantCulture,
        $"{RandomNumberGenerator.GetInt32(int.MaxValue)}.{RandomNumberGenerator.GetInt32(int.MaxValue)}.loop-probe."));

    private int _met;

    public ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        if (query.Question.Type == DnsType.HINFO && query.Question.Name == _name && Interlocked.Increment(ref _met) == 2)
            log.Loop(settings.At.ToString());
        return Volatile.Read(ref _met) > 1 ? ValueTask.FromResult(query.Message.Reply(DnsRcode.SERVFAIL)) : next(query, cancel);
    }

    /// <summary>Sends the question.</summary>
    public async Task ProbeAsync(CancellationToken cancel) => await AnswerAsync(
        new(
            new() { Flags = DnsFlags.RecursionDesired, Questions = [new(_name, DnsType.HINFO)] }, IpAddress.Any(IpFamily.V4), 0,
            DnsTransport.Udp),
        cancel);
}
