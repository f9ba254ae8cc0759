using System.Collections.Concurrent;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;
using Causeway.Health;

namespace Causeway.Dns;

/// <summary>What the server counts; with CoreDNS's names where they mean the same, so that its dashboards go on.</summary>
internal sealed class DnsMetrics
{
    private static readonly double[] Seconds =
        [0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192];

    private static readonly double[] Bytes =
        [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16000, 32000, 48000, 64000];

    private static readonly string[] Transports = ["udp", "tcp", "tls"];

    private readonly Action<string> _broken;
    private readonly Metric[] _decisions;
    // Found again for each query without making its labels anew.
    private readonly ConcurrentDictionary<(DnsTransport, DnsType), Metric> _requests = [];
    private readonly ConcurrentDictionary<DnsRcode, Metric> _responses = [];

    /// <param name="broken">Told of an error in this program.</param>
    public DnsMetrics(Action<string> broken)
    {
        _broken = broken;
        // Those of every server are there from the start.
        foreach (var type in (DnsType[])[DnsType.A, DnsType.AAAA]) Requests(DnsTransport.Udp, type);
        for (var rcode = DnsRcode.NOERROR; rcode <= DnsRcode.NXDOMAIN; rcode++) Responses(rcode);
        Dropped = Set.Counter("causeway_dns_dropped_total", "Queries dropped since too many waited for upstream servers.");
        _decisions =
        [
            .. Enum.GetValues<AclAction>().Select(action => Set.Counter(
                $"coredns_acl_{Decision(action)}_requests_total", $"Queries that acl has {Decision(action)}.")),
        ];
        Panics = Set.Counter("coredns_panics_total", "Errors in this program that ended one query.");
        DurationSeconds = Set.Histogram(
            "coredns_dns_request_duration_seconds", "How long a query took; of a batch its whole time.", Seconds);
        RequestBytes = Set.Histogram("coredns_dns_request_size_bytes", "Sizes of queries.", Bytes, ("proto", "udp"));
        ResponseBytes = Set.Histogram("coredns_dns_response_size_bytes", "Sizes of answers.", Bytes, ("proto", "udp"));
        CacheHits = Set.Counter("coredns_cache_hits_total", "Queries answered from the cache.");
        CacheMisses = Set.Counter("coredns_cache_misses_total", "Queries that the cache could not answer.");
        CacheStale = Set.Counter("coredns_cache_served_stale_total", "Queries answered with what had ended.");
        CachePrefetches = Set.Counter("coredns_cache_prefetch_total", "Answers renewed before they ended.");
        CacheEvictions = Set.Counter("coredns_cache_evictions_total", "Answers forgotten to make room.");
        HealthFailures = Set.Counter("coredns_forward_healthcheck_failures_total", "Probes of upstream servers that failed.");
        AllDown = Set.Counter("coredns_forward_healthcheck_broken_total", "Queries while all upstream servers were down.");
        Rejects = Set.Counter(
            "coredns_forward_max_concurrent_rejects_total", "Queries refused since too many were being forwarded.");
        Ignored = Set.Counter("causeway_dns_upstream_ignored_total", "Datagrams that came where an answer was awaited, and were none.");
        ReloadFailures = Set.Counter("coredns_reload_failed_total", "Changed configurations that could not be used.");
        DnssecRequests = Set.Counter("coredns_dns_do_requests_total", "Queries with the DO bit.");
    }

    public MetricSet Set { get; } = new();

    public Metric Dropped { get; }

    /// <summary>What <c>acl</c> decided.</summary>
    public void Decided(AclAction action) => _decisions[(int)action].Add();

    public Metric CacheHits { get; }

    public Metric CacheMisses { get; }

    public Metric CacheStale { get; }

    public Metric CachePrefetches { get; }

    public Metric CacheEvictions { get; }

    public Metric HealthFailures { get; }

    public Metric AllDown { get; }

    public Metric Rejects { get; }

    public Metric Ignored { get; }

    public Metric ReloadFailures { get; }

    private Metric Panics { get; }

    private Metric DnssecRequests { get; }

    private Histogram DurationSeconds { get; }

    private Histogram RequestBytes { get; }

    private Histogram ResponseBytes { get; }

    public void Answered(DnsQuery query, DnsMessage reply, int requestBytes, int replyBytes, TimeSpan elapsed)
    {
        Requests(query.Transport, query.Question.Type).Add();
        Responses(reply.Rcode).Add();
        if (query.Message.Edns is { DnssecOk: true }) DnssecRequests.Add();
        Observe(requestBytes, replyBytes, elapsed, 1);
    }

    /// <summary>Answers to A and AAAA queries that took no handler.</summary>
    public void FastAnswered(DnsType type, DnsRcode rcode, int count)
    {
        Requests(DnsTransport.Udp, type).Add(count);
        Responses(rcode).Add(count);
    }

    public void FastBatch(int count, int dnssec, double requestBytes, double replyBytes, TimeSpan elapsed)
    {
        if (dnssec > 0) DnssecRequests.Add(dnssec);
        Observe(requestBytes, replyBytes, elapsed, count);
    }

    /// <summary>A query that is left without an answer.</summary>
    public void Unanswered(DnsQuery query) => Requests(query.Transport, query.Question.Type).Add();

    /// <summary>Something came that is no query.</summary>
    public void Refused(DnsRcode rcode) => Responses(rcode).Add();

    public void Broken(Exception e)
    {
        Panics.Add();
        _broken($"{e.GetType().Name}: {e.Message}");
    }

    /// <summary>An upstream server answered.</summary>
    public void Forwarded(string to, DnsRcode rcode, TimeSpan elapsed) => Set.Histogram(
        "coredns_proxy_request_duration_seconds", "How long upstream servers took.", Seconds,
        ("proxy_name", "forward"), ("rcode", rcode.Word()), ("to", to)).Add(elapsed.TotalSeconds);

    private void Observe(double requestBytes, double replyBytes, TimeSpan elapsed, int count)
    {
        DurationSeconds.Add(elapsed.TotalSeconds, count);
        RequestBytes.Add(requestBytes, count);
        ResponseBytes.Add(replyBytes, count);
    }

    private static string Decision(AclAction action) => action switch
    {
        AclAction.Allow => "allowed",
        AclAction.Block => "blocked",
        AclAction.Filter => "filtered",
        _ => "dropped",
    };

    private Metric Requests(DnsTransport transport, DnsType type) => _requests.GetOrAdd(
        (transport, Enum.IsDefined(type) ? type : default),
        key => Set.Counter(
            "coredns_dns_requests_total", "Queries.",
            ("proto", Transports[(int)key.Item1]), ("type", key.Item2 == default ? "other" : key.Item2.Word())));

    private Metric Responses(DnsRcode rcode) => _responses.GetOrAdd(
        rcode, key => Set.Counter("coredns_dns_responses_total", "Answers, by outcome.", ("rcode", key.Word())));
}
