using System.Collections.Immutable;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Trace;

/// <summary>The way of a question to a nameserver's port 53, and of its answer.</summary>
public sealed record ServerWay(Nameserver Server, TraceResult Way);

/// <summary>What comes before a connection to a name.</summary>
/// <param name="Source">Whose resolv.conf it is, and how it is known.</param>
/// <param name="Ways">To each server that is tried, in order: the last is the one that is asked.</param>
/// <param name="Asked">What was really asked for, where the answer is known only by asking; else null.</param>
/// <param name="Notes">What is wrong with the DNS servers' configuration, or supposed of it.</param>
public sealed record LookupTrace(
    Lookup Lookup, string Source, ImmutableArray<ServerWay> Ways, AskedLookup? Asked, ImmutableArray<string> Notes)
{
    /// <summary>Why the name is asked for so often; null where it is not, as when a server goes through the search path
    /// itself.</summary>
    public string? Advice => Asked is { IsAnswered: true } && Asked.Questions.All(q => q.Candidate.Suffix is not null)
        ? null
        : LookupAdvice.OfSearching(Lookup);

    public ImmutableArray<Addressing.IpAddress> Addresses => Asked?.Addresses ?? Lookup.Addresses;

    /// <summary>Why a program gets no address, or may get none; null when it gets one.</summary>
    public Cause? CauseOf(ClusterSnapshot cluster)
    {
        if (!Lookup.Hosts.IsEmpty) return null;
        if (Lookup.Candidates.IsEmpty) return NotFound(cluster);
        if (Lookup.Server is not { } server)
            return new(CauseCode.NoNameserver, $"{Source} names no nameserver, so nobody is asked for {Lookup.Name}", "",
                Lookup.Conf.ToString(), "see the pod's dnsPolicy and dnsConfig, and the kubelet's clusterDNS");
        var line = server.Line > 0 ? $" (line {server.Line} of resolv.conf)" : "";
        if (Ways is [.., { Way: { Verdict: Verdict.Unreachable, Cause: { } fault } }])
            return fault with { Message = $"the name is not looked up: {server}{line} is not reached: {fault.Message}" };
        if (Asked is { IsAnswered: true }) return null;
        return Lookup.End switch
        {
            LookupEnd.Found => null,
            // Nobody outside has an address for a name without a dot (RFC 7085).
            LookupEnd.Unknown when Asked is null && (Lookup.Name.Contains('.') || !IsOfCluster(cluster)) => Unknown(cluster),
            LookupEnd.NoData => new(CauseCode.NameWithoutAddress,
                $"{Lookup.Name} has no address: {Why(AnswerKind.NoData)}", "", Evidence(AnswerKind.NoData),
                "give the object an address, or name another"),
            LookupEnd.Failure => new(CauseCode.NameRefused,
                $"no server answers for {Lookup.Name}: {Why(AnswerKind.Failure)}", "", Evidence(AnswerKind.Failure),
                $"let the Corefile forward the name, or serve it (ConfigMap {ClusterDns.Namespace}/{ClusterDns.ConfigMapName})"),
            _ => NotFound(cluster),
        };
    }

    /// <summary>The result of the whole: the lookup's, and where it gives an address the connection's.</summary>
    /// <param name="connection">The way to the address; null where there is none.</param>
    public TraceResult Join(ClusterSnapshot cluster, TraceResult? connection)
    {
        var cause = CauseOf(cluster);
        if (cause is not null || connection is null)
            return new(null, cause is { IsUnknown: false } ? Verdict.Unreachable : Verdict.Unknown, Leg.None, Leg.None, cause, [])
            {
                Lookup = this,
            };
        var way = Ways.IsEmpty ? null : Ways[^1].Way;
        var result = connection with { Lookup = this };
        if (way is null or { Verdict: Verdict.Reachable } || connection.Verdict == Verdict.Unreachable) return result;
        // Some questions, or it is not known whether any, arrive: then so much can be said of the whole.
        if (connection.Verdict is Verdict.Unknown || (way.Verdict == Verdict.Partial && connection.Verdict == Verdict.Partial))
            return result;
        return result with
        {
            Verdict = way.Verdict,
            Cause = way.Cause! with { Message = $"the lookup, at {Ways[^1].Server}: {way.Cause.Message}" },
        };
    }

    private Cause Unknown(ClusterSnapshot cluster)
    {
        var (message, fix) = IsOfCluster(cluster) ? LookupAdvice.OfAbsence(Lookup, cluster) : ("", "");
        return new(CauseCode.NameUnknown,
            $"the address of {Lookup.Name} is known only by asking{(message.Length > 0 ? $" outside: {message}" : "")}", "",
            Evidence(AnswerKind.Unknown), $"{fix}{(fix.Length > 0 ? " Else " : "")}ask from the pod: causeway dns query {Lookup.Name}");
    }

    private Cause NotFound(ClusterSnapshot cluster)
    {
        // What was asked for outside and is not there may still have been meant for the cluster.
        var (message, fix) = Asked is null || IsOfCluster(cluster)
            ? LookupAdvice.OfAbsence(Lookup, cluster)
            : ("it was asked for, and no server gave an address",
                "see whether the name is right, and whether the servers behind the Corefile's forward answer");
        var evidence = Asked is null
            ? Lookup.Candidates.Select(c => $"{c.Candidate} {(c.End == LookupEnd.NoName ? "NXDOMAIN" : c.Questions[0].Answer.Why)}")
            : Asked.Questions.Select(q => $"{q.Candidate} {q.Type.Word()} {q.Reply?.Rcode.Word() ?? q.Fault}");
        var isFailure = Asked is not null && !IsOfCluster(cluster)
            && Asked.Questions.Any(q => q.Kind is null or AnswerKind.Failure);
        return new(
            isFailure ? CauseCode.NameRefused : CauseCode.NameNotFound, $"{Lookup.Name} is not found: {message}", "",
            string.Join('\n', evidence), fix);
    }

    private bool IsOfCluster(ClusterSnapshot cluster) => LookupAdvice.IsOfCluster(Lookup, cluster);

    private IEnumerable<LookupQuestion> Of(AnswerKind kind) =>
        Lookup.Candidates.SelectMany(c => c.Questions).Where(q => q.Answer.Kind == kind);

    private string Why(AnswerKind kind) => Of(kind).First().Answer.Why;

    private string Evidence(AnswerKind kind) => string.Join('\n', Lookup.Candidates
        .Where(c => c.Questions.Any(q => q.Answer.Kind == kind))
        .Select(c => $"{c.Candidate} {c.Questions.First(q => q.Answer.Kind == kind).Answer.Why}"));
}
