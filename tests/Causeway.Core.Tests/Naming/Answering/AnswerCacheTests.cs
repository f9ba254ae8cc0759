using System.Collections.Concurrent;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Tests.Naming.Answering;

/// <summary>How long answers are remembered, and how often the next handler is asked.</summary>
public sealed class AnswerCacheTests
{
    private static readonly DnsName Name = DnsName.Parse("www.example.");

    private readonly Clock _clock = new();
    private int _asked;

    [Fact]
    public async Task An_answer_is_remembered_for_its_TTL_which_counts_down()
    {
        var cache = Cache("cache", _ => Found(ttl: 60));
        Assert.Equal(60u, (await Ask(cache)).Answers[0].Ttl);
        _clock.Pass(59);
        Assert.Equal(1u, (await Ask(cache)).Answers[0].Ttl);
        Assert.Equal(1, _asked);
        _clock.Pass(2);
        Assert.Equal(60u, (await Ask(cache)).Answers[0].Ttl);
        Assert.Equal(2, _asked);
    }

    [Theory]
    [InlineData("cache 30", 3600, 30)]
    [InlineData("cache {\n success 100 3600 20\n}", 1, 20)]
    public async Task The_bounds_of_the_configuration_hold(string text, int ttl, int seconds)
    {
        var cache = Cache(text, _ => Found((uint)ttl));
        await Ask(cache);
        _clock.Pass(seconds - 1);
        await Ask(cache);
        Assert.Equal(1, _asked);
        _clock.Pass(2);
        await Ask(cache);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task That_there_is_no_such_name_is_remembered_for_as_long_as_the_SOA_says()
    {
        var cache = Cache("cache", _ => Absent(minimum: 15));
        for (var i = 0; i < 3; i++) Assert.Equal(DnsRcode.NXDOMAIN, (await Ask(cache)).Rcode);
        Assert.Equal(1, _asked);
        _clock.Pass(16);
        await Ask(cache);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task The_answer_has_the_client_s_id_and_its_case_of_the_name()
    {
        var cache = Cache("cache", query => Found(60, query.Question.Name));
        await Ask(cache);
        var other = DnsName.Parse("WwW.ExAmple.");
        var reply = await Ask(cache, new() { Id = 77, Questions = [new(other, DnsType.A)] });
        Assert.Equal(1, _asked);
        Assert.Equal(77, reply.Id);
        Assert.True(other.Wire.SequenceEqual(reply.Questions[0].Name.Wire));
        Assert.True(other.Wire.SequenceEqual(reply.Answers[0].Name.Wire));
    }

    [Fact]
    public async Task Who_wants_signatures_has_answers_of_his_own()
    {
        var cache = Cache("cache", _ => Found(60));
        await Ask(cache);
        await Ask(cache, new() { Questions = [new(Name, DnsType.A)], Edns = new(1232, DnssecOk: true) });
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task A_hundred_who_ask_at_once_are_one_question()
    {
        TaskCompletionSource<DnsMessage> answer = new();
        AnswerCache cache = new(Settings("cache"), _clock, CacheCounters.None, async (query, _) =>
        {
            Interlocked.Increment(ref _asked);
            return (await answer.Task) with { Id = query.Message.Id };
        });
        var waiting = Enumerable.Range(0, 100).Select(_ => Task.Run(() => Ask(cache))).ToArray();
        answer.SetResult(Found(60));
        Assert.All(await Task.WhenAll(waiting), reply => Assert.Single(reply.Answers));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_failure_is_remembered_shortly_and_never_in_place_of_what_is_known()
    {
        var rcode = DnsRcode.SERVFAIL;
        var cache = Cache("cache", _ => rcode == DnsRcode.NOERROR ? Found(10) : new() { Rcode = rcode, Questions = [new(Name, DnsType.A)] });
        await Ask(cache);
        Assert.Equal(DnsRcode.SERVFAIL, (await Ask(cache)).Rcode);
        Assert.Equal(1, _asked);
        _clock.Pass(6);
        rcode = DnsRcode.NOERROR;
        Assert.Single((await Ask(cache)).Answers);
    }

    [Fact]
    public async Task A_stale_answer_stands_in_while_the_upstream_fails()
    {
        var fails = false;
        var cache = Cache("cache {\n serve_stale 1h verify\n}", _ => fails
            ? new() { Rcode = DnsRcode.SERVFAIL, Questions = [new(Name, DnsType.A)] }
            : Found(10));
        await Ask(cache);
        fails = true;
        _clock.Pass(60);
        var stale = await Ask(cache);
        Assert.Equal((DnsRcode.NOERROR, 0u), (stale.Rcode, stale.Answers[0].Ttl));
        _clock.Pass(3600);
        Assert.Equal(DnsRcode.SERVFAIL, (await Ask(cache)).Rcode);
    }

    [Fact]
    public async Task What_is_asked_often_is_renewed_before_it_ends()
    {
        ConcurrentQueue<int> renewed = [];
        AnswerCache cache = new(
            Settings("cache {\n prefetch 2 1m 20%\n}"), _clock, CacheCounters.None with { Prefetch = () => renewed.Enqueue(1) },
            (_, _) => ValueTask.FromResult(Found(100)));
        for (var i = 0; i < 3; i++) await Ask(cache);
        Assert.Empty(renewed);
        _clock.Pass(85);
        await Ask(cache);
        Assert.Single(renewed);
    }

    [Fact]
    public async Task It_never_holds_more_than_it_may()
    {
        var cache = Cache("cache {\n success 50\n}", query => Found(60, query.Question.Name));
        for (var i = 0; i < 500; i++)
            await Ask(cache, new() { Questions = [new(DnsName.Parse($"n{i}.example."), DnsType.A)] });
        Assert.InRange(cache.Count, 1, 50);
    }

    private static CacheSettings Settings(string text)
    {
        var (configuration, problems) = DnsConfiguration.Read("test", $". {{\n{text}\n}}", ConfigEnvironment.Empty);
        Assert.Empty(problems);
        return configuration.Servers[0].Find<CacheSettings>()!;
    }

    private AnswerCache Cache(string text, Func<DnsQuery, DnsMessage> next) =>
        new(Settings(text), _clock, CacheCounters.None, (query, _) =>
        {
            _asked++;
            return ValueTask.FromResult(next(query));
        });

    private static Task<DnsMessage> Ask(AnswerCache cache) => Ask(cache, new() { Id = 1, Questions = [new(Name, DnsType.A)] });

    private static async Task<DnsMessage> Ask(AnswerCache cache, DnsMessage query) =>
        await cache.AnswerAsync(new(query, IpAddress.Parse("192.0.2.1"), 1, DnsTransport.Udp), CancellationToken.None);

    private static DnsMessage Found(uint ttl, DnsName? name = null) => new()
    {
        Questions = [new(name ?? Name, DnsType.A)],
        Answers = [new(name ?? Name, DnsType.A, ttl, DnsData.Of(IpAddress.Parse("192.0.2.80")))],
    };

    private static DnsMessage Absent(uint minimum) => new()
    {
        Rcode = DnsRcode.NXDOMAIN, Questions = [new(Name, DnsType.A)],
        Authority = [new(DnsName.Parse("example."), DnsType.SOA, 900, DnsData.Of(new DnsSoa(Name, Name, 1, 2, 3, 4, minimum)))],
    };

    private sealed class Clock : TimeProvider
    {
        private long _now = 1;

        public void Pass(int seconds) => _now += seconds * TimestampFrequency;

        public override long GetTimestamp() => _now;
    }
}
