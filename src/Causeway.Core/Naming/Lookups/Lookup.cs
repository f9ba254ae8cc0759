using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Lookups;

/// <summary>Whether a resolver comes to a candidate.</summary>
public enum CandidateTurn
{
    Asked,

    /// <summary>If one before it, whose answer is not known, has no address.</summary>
    Perhaps,

    /// <summary>One before it has the answer.</summary>
    NotAsked,
}

/// <summary>How a lookup ends.</summary>
public enum LookupEnd
{
    /// <summary>With records, or addresses of the hosts file.</summary>
    Found,

    /// <summary>The name, or one of its completions, exists without such a record.</summary>
    NoData,

    /// <summary>No candidate exists.</summary>
    NoName,

    /// <summary>The servers refuse or fail.</summary>
    Failure,

    /// <summary>Known only by asking.</summary>
    Unknown,
}

public sealed record LookupQuestion(DnsType Type, ExpectedAnswer Answer);

/// <summary>A complete name, and what should be answered for each type.</summary>
public sealed record LookupCandidate(
    Candidate Candidate, CandidateTurn Turn, ImmutableArray<LookupQuestion> Questions)
{
    public LookupEnd End =>
        Has(AnswerKind.Records) ? LookupEnd.Found
        : Has(AnswerKind.Unknown) ? LookupEnd.Unknown
        : Has(AnswerKind.NoData) ? LookupEnd.NoData
        : Has(AnswerKind.Failure) ? LookupEnd.Failure
        : LookupEnd.NoName;

    private bool Has(AnswerKind kind) => Questions.Any(q => q.Answer.Kind == kind);
}

/// <summary>What a program asks for.</summary>
/// <param name="Types">A and AAAA are what <c>getaddrinfo</c> asks for.</param>
/// <param name="Hosts">The text of /etc/hosts.</param>
public sealed record LookupQuery(string Name, ResolvConf Conf, string Hosts, params ImmutableArray<DnsType> Types)
{
    public static readonly ImmutableArray<DnsType> AddressTypes = [DnsType.A, DnsType.AAAA];
}

/// <summary>What a name should come to, step by step.</summary>
/// <param name="Hosts">Lines of /etc/hosts with the name; where there are any, nothing is asked.</param>
/// <param name="Server">Who is asked; null where resolv.conf names nobody.</param>
/// <param name="Candidates">In the order in which they are asked for; empty for a name that cannot be asked for.</param>
public sealed record Lookup(
    string Name, ResolvConf Conf, ImmutableArray<HostsLine> Hosts, Nameserver? Server,
    ImmutableArray<LookupCandidate> Candidates)
{
    private IEnumerable<LookupCandidate> Asked => Candidates.Where(c => c.Turn == CandidateTurn.Asked);

    /// <summary>Questions to a server, at least: those that may follow an unknown answer are not counted.</summary>
    public int Questions => Asked.Sum(c => c.Questions.Length);

    /// <summary>The candidate that has the records; null where none has, or it is not known which.</summary>
    public LookupCandidate? Answering => Asked.FirstOrDefault(c => c.End == LookupEnd.Found);

    public LookupEnd End =>
        !Hosts.IsEmpty || Answering is not null ? LookupEnd.Found
        : Ends(LookupEnd.Unknown) ? LookupEnd.Unknown
        : Ends(LookupEnd.NoData) ? LookupEnd.NoData
        : Ends(LookupEnd.Failure) ? LookupEnd.Failure
        : LookupEnd.NoName;

    /// <summary>What the program gets, IPv6 first, as glibc sorts where the pod has both (RFC 6724).</summary>
    public ImmutableArray<IpAddress> Addresses =>
    [
        .. (Hosts.IsEmpty ? Answering?.Questions.SelectMany(q => q.Answer.Addresses) ?? [] : Hosts.Select(h => h.Address))
            .Distinct().OrderByDescending(a => a.Family == IpFamily.V6),
    ];

    /// <param name="server">The nameserver that is asked: the first of those in <c>Conf</c> that is reached.</param>
    /// <param name="answer">What it should say.</param>
    public static Lookup Of(LookupQuery query, Nameserver? server, Func<DnsQuestion, ExpectedAnswer> answer)
    {
        var hosts = query.Types.SequenceEqual(LookupQuery.AddressTypes) ? HostsLine.Find(query.Hosts, query.Name) : [];
        var candidates = ImmutableArray.CreateBuilder<LookupCandidate>();
        var turn = hosts.IsEmpty ? CandidateTurn.Asked : CandidateTurn.NotAsked;
        foreach (var candidate in SearchOrder.Of(query.Name, query.Conf))
        {
            var name = DnsName.Parse(candidate.Name);
            LookupCandidate made = new(
                candidate, turn, [.. query.Types.Select(t => new LookupQuestion(t, answer(new(name, t))))]);
            candidates.Add(made);
            if (turn != CandidateTurn.NotAsked) turn = Next(turn, made.End);
        }
        return new(query.Name, query.Conf, hosts, server, candidates.ToImmutable());
    }

    private bool Ends(LookupEnd end) => Asked.Any(c => c.End == end);

    private static CandidateTurn Next(CandidateTurn turn, LookupEnd end) => end switch
    {
        LookupEnd.Found => CandidateTurn.NotAsked,
        LookupEnd.Unknown => CandidateTurn.Perhaps,
        _ => turn,
    };
}
