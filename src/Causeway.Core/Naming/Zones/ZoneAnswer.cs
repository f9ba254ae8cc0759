using System.Collections.Immutable;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>What a zone says to a question, and why.</summary>
/// <param name="Why">One sentence for people.</param>
/// <param name="Origin">The object behind the records, or of which their absence is told: <c>Service ns/name</c>.</param>
public sealed record ZoneAnswer(
    DnsRcode Rcode, ImmutableArray<DnsRecord> Answers, ImmutableArray<DnsRecord> Additional, string Why,
    string? Origin = null)
{
    /// <summary>The name exists, but not with this type.</summary>
    public bool IsNoData => Rcode == DnsRcode.NOERROR && Answers.IsEmpty;

    public static ZoneAnswer NoSuchName(string why, string? origin = null) =>
        new(DnsRcode.NXDOMAIN, [], [], why, origin);

    public static ZoneAnswer NoData(string why, string? origin = null) => new(DnsRcode.NOERROR, [], [], why, origin);

    public static ZoneAnswer Of(ImmutableArray<DnsRecord> answers, string why, string? origin = null) =>
        new(DnsRcode.NOERROR, answers, [], why, origin);

    /// <summary>The message: authoritative; where there is no record, with the zone's SOA (RFC 2308).</summary>
    public DnsMessage Reply(DnsMessage query, DnsRecord soa)
    {
        var reply = query.Reply(Rcode);
        return reply with
        {
            Flags = reply.Flags | DnsFlags.Authoritative,
            Answers = Answers,
            Authority = Answers.IsEmpty ? [soa] : [],
            Additional = Additional,
        };
    }
}
