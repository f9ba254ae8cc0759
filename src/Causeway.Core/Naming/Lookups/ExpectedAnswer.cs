using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Lookups;

public enum AnswerKind
{
    /// <summary>At least one record of the type that was asked for.</summary>
    Records,

    /// <summary>The name exists, without such a record.</summary>
    NoData,

    /// <summary>NXDOMAIN.</summary>
    NoName,

    /// <summary>REFUSED, SERVFAIL or another failure.</summary>
    Failure,

    /// <summary>Known only by asking.</summary>
    Unknown,
}

/// <summary>What a server should say to one question, and why.</summary>
/// <param name="Records">The answer's; of an alias with unknown or absent addresses the alias alone.</param>
/// <param name="Why">One sentence for people.</param>
/// <param name="Origin">The object behind the answer: <c>Service shop/web</c>; null where there is none.</param>
public sealed record ExpectedAnswer(
    AnswerKind Kind, ImmutableArray<DnsRecord> Records, string Why, string? Origin = null)
{
    public IEnumerable<IpAddress> Addresses => AddressesOf(Records);

    public static ExpectedAnswer Unknown(string why, string? origin = null) => new(AnswerKind.Unknown, [], why, origin);

    public static ExpectedAnswer Failure(string why) => new(AnswerKind.Failure, [], why);

    public static IEnumerable<IpAddress> AddressesOf(IEnumerable<DnsRecord> records) =>
        records.Where(r => r.Type is DnsType.A or DnsType.AAAA).Select(r => r.Data.Address);

    /// <summary>What a message of a server is.</summary>
    public static AnswerKind KindOf(DnsRcode rcode, ImmutableArray<DnsRecord> answers, DnsType type) => rcode switch
    {
        DnsRcode.NXDOMAIN => AnswerKind.NoName,
        DnsRcode.NOERROR => answers.Any(r => r.Type == type || type == DnsType.ANY) ? AnswerKind.Records : AnswerKind.NoData,
        _ => AnswerKind.Failure,
    };
}
