using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>What lines such as those of /etc/hosts say: addresses of names, and names of addresses.</summary>
public sealed class HostsTable
{
    private readonly Dictionary<DnsName, List<IpAddress>> _addresses = [];
    private readonly Dictionary<IpAddress, List<DnsName>> _names = [];

    /// <param name="lines">An address and names in each; <c>#</c> begins a comment. What is none is passed over.</param>
    public HostsTable(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var words = line.Split('#')[0].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IpAddress.TryParse(words[0].Split('%')[0], out var address)) continue;
            foreach (var word in words.Skip(1))
            {
                if (!DnsName.TryParse(word, out var name, out _)) continue;
                Add(_addresses, name, address);
                Add(_names, address, name);
            }
        }
    }

    public int Count => _names.Count;

    /// <summary>Null when nothing here has the name.</summary>
    public ImmutableArray<DnsRecord>? Records(DnsQuestion question, uint ttl, bool reverse)
    {
        if (_addresses.TryGetValue(question.Name, out var addresses))
            return ClusterZone.Addresses(question, ttl, addresses);
        return reverse && question.Type == DnsType.PTR && ReverseName.TryRead(question.Name, out var address)
            && _names.TryGetValue(address, out var names)
                ? [.. names.Select(n => new DnsRecord(question.Name, DnsType.PTR, ttl, DnsData.Of(n)))]
                : null;
    }

    private static void Add<TKey, TValue>(Dictionary<TKey, List<TValue>> to, TKey key, TValue value) where TKey : notnull
    {
        if (!to.TryGetValue(key, out var values)) to[key] = values = [];
        if (!values.Contains(value)) values.Add(value);
    }
}

/// <summary>Answers from a table of hosts.</summary>
/// <param name="table">The one of now.</param>
public sealed class HostsStep(HostsSettings settings, Func<HostsTable> table, DnsHandler next)
{
    public ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var name = query.Question.Name;
        if (!settings.Zones.Cover(name)) return next(query, cancel);
        if (table().Records(query.Question, settings.Ttl, !settings.NoReverse) is not { } records)
            return settings.Fallthrough.Covers(name)
                ? next(query, cancel)
                : ValueTask.FromResult(query.Message.Reply(DnsRcode.NXDOMAIN));
        var reply = query.Message.Reply(DnsRcode.NOERROR);
        return ValueTask.FromResult(reply with { Flags = reply.Flags | DnsFlags.Authoritative, Answers = records });
    }
}
