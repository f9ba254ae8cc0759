using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Lookups;

/// <summary>A question that was really asked, and what came of it.</summary>
/// <param name="Server">Who was asked last.</param>
/// <param name="Reply">Null when nobody answered.</param>
/// <param name="Took">From the first packet to the answer, waiting for silent servers included.</param>
/// <param name="Fault">Why there is no reply, or over which detour it came; empty where there is nothing to say.</param>
public sealed record AskedQuestion(
    Candidate Candidate, DnsType Type, Nameserver? Server, DnsMessage? Reply, TimeSpan Took, string Fault)
{
    /// <summary>Null when nobody answered.</summary>
    public AnswerKind? Kind => Reply is null ? null : ExpectedAnswer.KindOf(Reply.Rcode, Reply.Answers, Type);

    public CandidateAnswer Outcome => Kind switch
    {
        AnswerKind.Records => CandidateAnswer.Found,
        AnswerKind.NoData => CandidateAnswer.NoData,
        AnswerKind.NoName => CandidateAnswer.NoName,
        AnswerKind.Failure when Reply!.Rcode == DnsRcode.SERVFAIL => CandidateAnswer.Failure,
        _ => CandidateAnswer.None,
    };
}

/// <summary>What a resolver asked, in order, until it had an answer.</summary>
public sealed record AskedLookup(ImmutableArray<AskedQuestion> Questions)
{
    public bool IsAnswered => Questions.Any(q => q.Kind == AnswerKind.Records);

    /// <summary>IPv6 first: see <see cref="Lookup.Addresses"/>.</summary>
    public ImmutableArray<IpAddress> Addresses =>
    [
        .. Questions.Where(q => q.Reply is not null).SelectMany(q => ExpectedAnswer.AddressesOf(q.Reply!.Answers))
            .Distinct().OrderByDescending(a => a.Family == IpFamily.V6),
    ];

    /// <summary>A candidate's answer of its types' answers: the best counts.</summary>
    public static CandidateAnswer Together(IEnumerable<AskedQuestion> questions) => questions.Min(q => q.Outcome);
}

/// <summary>One question whose answer differs from what it should be.</summary>
public sealed record AnswerDifference(DnsName Name, DnsType Type, string Message)
{
    /// <summary>Every difference between what should be and what was told. Answers that are known only by asking are
    /// right, and so is any order; the time to live is not compared.</summary>
    public static ImmutableArray<AnswerDifference> Between(Lookup expected, AskedLookup asked)
    {
        var differences = ImmutableArray.CreateBuilder<AnswerDifference>();
        foreach (var question in asked.Questions)
        {
            var should = expected.Candidates.FirstOrDefault(c => c.Candidate.Name == question.Candidate.Name)?
                .Questions.FirstOrDefault(q => q.Type == question.Type)?.Answer;
            if (should is not null && Difference(should, question) is { } message)
                differences.Add(new(DnsName.Parse(question.Candidate.Name), question.Type, message));
        }
        return differences.ToImmutable();
    }

    private static string? Difference(ExpectedAnswer should, AskedQuestion asked)
    {
        var because = $"{should.Why}{(should.Origin is null ? "" : $" <- {should.Origin}")}";
        if (asked.Kind is not { } kind) return $"no answer ({asked.Fault}); it should be {Word(should)}: {because}";
        if (should.Kind == AnswerKind.Unknown) return null;
        if (kind != should.Kind)
            return $"{Word(kind, asked.Reply!.Answers, asked.Reply.Rcode)}; it should be {Word(should)}: {because}";
        string[] told = Data(asked.Reply!.Answers), right = Data(should.Records);
        string[] more = [.. told.Except(right)], less = [.. right.Except(told)];
        if (more.Length + less.Length == 0) return null;
        var also = more.Length > 0 ? $" has {string.Join(", ", more)} too" : "";
        var not = less.Length > 0 ? $" lacks {string.Join(", ", less)}" : "";
        return $"the answer{also}{(also.Length > 0 && not.Length > 0 ? ", and" : "")}{not}: {because}";
    }

    private static string Word(ExpectedAnswer answer) => Word(answer.Kind, answer.Records, null);

    /// <summary>An answer in a few words: the data of its records, or what stands in their place.</summary>
    public static string Word(AnswerKind kind, ImmutableArray<DnsRecord> records, DnsRcode? rcode) => kind switch
    {
        AnswerKind.Records => string.Join(", ", Data(records)),
        AnswerKind.NoData => records.IsEmpty ? "NODATA" : $"NODATA ({string.Join(", ", Data(records))})",
        AnswerKind.NoName => "NXDOMAIN",
        AnswerKind.Failure => rcode?.Word() ?? "REFUSED",
        _ => records.IsEmpty ? "known only by asking" : $"{string.Join(", ", Data(records))}, the rest known only by asking",
    };

    private static string[] Data(ImmutableArray<DnsRecord> records) =>
        [.. records.Select(r => DnsDataText.Print(r.Type, r.Data)).Distinct().Order(StringComparer.Ordinal)];
}
