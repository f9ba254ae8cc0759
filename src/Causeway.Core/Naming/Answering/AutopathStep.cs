using System.Collections.Immutable;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>
/// Goes through a client's search path in its place: a client with <c>ndots:5</c> asks for a name with each of its domains
/// first, and gets with its first question what it would have got with the last, as an alias.
/// </summary>
/// <param name="own">The server's zones, for settings that name none.</param>
/// <param name="search">The search path of the client; empty where it is not known.</param>
public sealed class AutopathStep(
    AutopathSettings settings, ImmutableArray<DnsName> own, Func<DnsQuery, ImmutableArray<DnsName>> search, DnsHandler next)
{
    private readonly ImmutableArray<DnsName> _zones = settings.Zones.IsEmpty ? own : settings.Zones;

    public async ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var asked = query.Question.Name;
        var path = query.Question.Type is DnsType.A or DnsType.AAAA && _zones.Any(asked.IsWithin) ? search(query) : [];
        // Only the first domain begins the walk: others follow it in the client, when it needs them at all.
        if (path.IsEmpty || !asked.IsWithin(path[0]) || asked == path[0]) return await next(query, cancel);
        var first = await next(query, cancel);
        if (first.Rcode != DnsRcode.NXDOMAIN) return first;
        asked.TryRelativeTo(path[0], out var relative);
        foreach (var domain in path.Skip(1).Append(DnsName.Root))
        {
            if (!relative.TryAppend(domain, out var name)) continue;
            var reply = await next(query.Asking(query.Question with { Name = name }), cancel);
            // A name without such records ends the walk as one with them does, and so does a failure: behind it nobody
            // knows whether the name is there.
            if (reply.Rcode != DnsRcode.NXDOMAIN) return As(query, reply, name);
        }
        return first;
    }

    /// <summary>What another name has, told of the one that was asked.</summary>
    private static DnsMessage As(DnsQuery query, DnsMessage reply, DnsName name) => reply with
    {
        Questions = query.Message.Questions,
        Answers = reply.Answers.IsEmpty
            ? []
            : reply.Answers.Insert(
                0, new(query.Question.Name, DnsType.CNAME, reply.Answers.Min(r => r.Ttl), DnsData.Of(name))),
    };
}
