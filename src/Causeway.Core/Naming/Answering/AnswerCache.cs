using System.Collections.Concurrent;
using System.Collections.Immutable;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>What a cache counts.</summary>
public sealed record CacheCounters(Action Hit, Action Miss, Action Stale, Action Prefetch, Action Evicted)
{
    public static readonly CacheCounters None = new(() => { }, () => { }, () => { }, () => { }, () => { });
}

/// <summary>
/// Remembers answers for as long as their TTLs say, within the settings' bounds, and that there are none (RFC 2308). One
/// question is asked of the next handler once at a time, however many clients wait. An answer keeps the case of the
/// name that the client wrote.
/// </summary>
public sealed class AnswerCache(CacheSettings settings, TimeProvider time, CacheCounters counters, DnsHandler next)
{
    private const uint StaleTtl = 0;

    private readonly ConcurrentDictionary<Key, Entry> _entries = [];
    private readonly ConcurrentDictionary<Key, Lazy<Task<DnsMessage>>> _asking = [];

    public int Count => _entries.Count;

    public async ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var question = query.Question;
        if (question.Class != DnsClass.IN || question.Type is DnsType.ANY or DnsType.AXFR or DnsType.IXFR
            || !settings.Zones.Cover(question.Name)) return await next(query, cancel);
        var message = query.Message;
        Key key = new(
            question.Name, question.Type, message.Edns is { DnssecOk: true },
            (message.Flags & DnsFlags.CheckingDisabled) != DnsFlags.None);
        var now = time.GetTimestamp();
        _entries.TryGetValue(key, out var entry);
        if (entry is not null && now < entry.Ends)
        {
            counters.Hit();
            if (entry.IsDue(now, settings, time))
            {
                counters.Prefetch();
                _ = Ask(key, query, entry);
            }
            return entry.Reply(query, settings.KeepTtl ? entry.Ttl : entry.Left(now, time));
        }
        counters.Miss();
        if (entry is null || time.GetElapsedTime(entry.Ends, now) > settings.ServeStale)
            return Own(query, await Ask(key, query, entry).WaitAsync(cancel));
        return await Stale(key, entry, query, cancel);
    }

    private async ValueTask<DnsMessage> Stale(Key key, Entry entry, DnsQuery query, CancellationToken cancel)
    {
        var asked = Ask(key, query, entry);
        if (settings.ServeStaleVerify)
        {
            var fresh = await asked.WaitAsync(cancel);
            if (fresh.Rcode != DnsRcode.SERVFAIL) return Own(query, fresh);
        }
        counters.Stale();
        return entry.Reply(query, StaleTtl);
    }

    // The work goes on when the client that began it does not wait any more: others do. What is asked for an alias does
    // not join them: in a circle of aliases it would wait for itself.
    private Task<DnsMessage> Ask(Key key, DnsQuery query, Entry? seen) => query.Aliases.IsEmpty
        ? _asking.GetOrAdd(key, _ => new(() => AskOnce(key, query, seen))).Value
        : AskNext(key, query);

    /// <param name="seen">What was there when it was found that somebody must be asked.</param>
    private async Task<DnsMessage> AskOnce(Key key, DnsQuery query, Entry? seen)
    {
        await Task.Yield();
        try
        {
            // Another's question may have been answered since.
            return _entries.TryGetValue(key, out var known) && !ReferenceEquals(known, seen)
                && time.GetTimestamp() < known.Ends
                    ? known.Message
                    : await AskNext(key, query);
        }
        finally
        {
            _asking.TryRemove(key, out _);
        }
    }

    private async Task<DnsMessage> AskNext(Key key, DnsQuery query)
    {
        var reply = await next(query, CancellationToken.None);
        Keep(key, reply);
        return reply;
    }

    private void Keep(Key key, DnsMessage reply)
    {
        if (reply.IsTruncated) return;
        if (reply.Rcode is DnsRcode.SERVFAIL or DnsRcode.REFUSED or DnsRcode.NOTIMP)
        {
            // What is known, however old, is better than that nothing is known now.
            if (settings.ServFail > TimeSpan.Zero && !_entries.ContainsKey(key) && reply.Rcode == DnsRcode.SERVFAIL)
                Put(key, reply, (uint)settings.ServFail.TotalSeconds, settings.Denial.Capacity);
            return;
        }
        var isDenial = reply.Rcode == DnsRcode.NXDOMAIN || reply.Answers.IsEmpty;
        if (reply.Rcode is not (DnsRcode.NOERROR or DnsRcode.NXDOMAIN)) return;
        if ((isDenial ? settings.NoDenial : settings.NoSuccess).Any(key.Name.IsWithin)) return;
        var limits = isDenial ? settings.Denial : settings.Success;
        if (Ttl(reply, isDenial) is { } ttl)
            Put(key, reply, Math.Clamp(ttl, limits.ShortestTtl, limits.LongestTtl), limits.Capacity);
    }

    /// <summary>The least of the records'; of an absence what the SOA says; null where nothing says it.</summary>
    private static uint? Ttl(DnsMessage reply, bool isDenial)
    {
        if (!isDenial) return reply.Answers.Concat(reply.Authority).Concat(reply.Additional).Min(r => r.Ttl);
        foreach (var record in reply.Authority)
            if (record is { Type: DnsType.SOA, Data.Soa: { } soa }) return Math.Min(record.Ttl, soa.Minimum);
        return null;
    }

    private void Put(Key key, DnsMessage reply, uint ttl, uint capacity)
    {
        if (ttl == 0) return;
        if (_entries.Count >= capacity) Evict();
        var now = time.GetTimestamp();
        _entries[key] = new(reply, ttl, now, now + (long)(ttl * (double)time.TimestampFrequency));
    }

    // Any sixteenth, those that have ended first: nothing must be remembered for the choice.
    private void Evict()
    {
        var now = time.GetTimestamp();
        foreach (var (key, _) in _entries.Take(Math.Max(1, _entries.Count / 16)).OrderBy(e => e.Value.Ends > now))
            if (_entries.TryRemove(key, out _)) counters.Evicted();
    }

    /// <summary>Another client's answer as this client's.</summary>
    private static DnsMessage Own(DnsQuery query, DnsMessage reply) => Entry.Fit(query, reply, null);

    private readonly record struct Key(DnsName Name, DnsType Type, bool DnssecOk, bool CheckingDisabled);

    /// <param name="Ttl">As it was when it came, in seconds.</param>
    /// <param name="Ends">A timestamp.</param>
    private sealed record Entry(DnsMessage Message, uint Ttl, long Came, long Ends)
    {
        private int _asked;

        public uint Left(long now, TimeProvider time) =>
            (uint)Math.Max(1, Math.Ceiling(time.GetElapsedTime(now, Ends).TotalSeconds));

        /// <summary>Whether it is asked often, and its end is near.</summary>
        public bool IsDue(long now, CacheSettings settings, TimeProvider time) =>
            settings.Prefetch > 0 && Interlocked.Increment(ref _asked) >= settings.Prefetch
            && time.GetElapsedTime(Came, now) <= settings.PrefetchWithin + TimeSpan.FromSeconds(Ttl)
            && Left(now, time) <= Math.Max(1, Ttl * settings.PrefetchPercent / 100);

        public DnsMessage Reply(DnsQuery query, uint ttl) => Fit(query, Message, ttl);

        public static DnsMessage Fit(DnsQuery query, DnsMessage message, uint? ttl)
        {
            var asked = query.Question.Name;
            ImmutableArray<DnsRecord> Fresh(ImmutableArray<DnsRecord> records) =>
            [
                .. records.Select(r => r with
                {
                    Ttl = ttl is { } left ? Math.Min(r.Ttl, left) : r.Ttl, Name = r.Name == asked ? asked : r.Name,
                }),
            ];
            var reply = query.Message.Reply(message.Rcode);
            return reply with
            {
                Flags = reply.Flags | message.Flags & ~(DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled),
                Answers = Fresh(message.Answers), Authority = Fresh(message.Authority),
                Additional = Fresh(message.Additional),
            };
        }
    }
}
