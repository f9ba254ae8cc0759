using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.Serving;

/// <summary>What one thread counts of the answers of a batch, so that others' processors are not asked for each.</summary>
internal sealed class UdpCounts(DnsMetrics metrics)
{
    private readonly int[] _answers = new int[8];
    private int _total;
    private int _dnssec;
    private long _requestBytes;
    private long _replyBytes;

    /// <param name="type">A or AAAA.</param>
    /// <param name="bits">The header's fourth byte, which ends in the outcome: NOERROR or NXDOMAIN.</param>
    public void Add(DnsType type, byte bits, int requestBytes, int replyBytes, bool dnssecOk)
    {
        _answers[(type == DnsType.A ? 0 : 4) + (bits & 3)]++;
        _total++;
        if (dnssecOk) _dnssec++;
        _requestBytes += requestBytes;
        _replyBytes += replyBytes;
    }

    /// <param name="elapsed">How long the batch took.</param>
    public void Flush(TimeSpan elapsed)
    {
        if (_total == 0) return;
        for (var i = 0; i < _answers.Length; i++)
        {
            if (_answers[i] == 0) continue;
            metrics.FastAnswered(i < 4 ? DnsType.A : DnsType.AAAA, (DnsRcode)(i & 3), _answers[i]);
            _answers[i] = 0;
        }
        metrics.FastBatch(_total, _dnssec, (double)_requestBytes / _total, (double)_replyBytes / _total, elapsed);
        (_total, _dnssec, _requestBytes, _replyBytes) = (0, 0, 0, 0);
    }
}
