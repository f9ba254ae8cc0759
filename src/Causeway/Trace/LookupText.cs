using Causeway.Core.Naming.Lookups;
using Causeway.Core.Trace;
using Causeway.Core.Wire.Dns;

namespace Causeway.Trace;

/// <summary>A lookup for people: the files, the way to the server, each name that is asked for with its answer, and the
/// addresses.</summary>
/// <param name="leg">Writes the hops of one direction under a heading.</param>
internal sealed class LookupText(TextWriter output, Action<string, Leg> leg)
{
    private const string Indent = "  ";

    public void Write(LookupTrace trace)
    {
        var lookup = trace.Lookup;
        output.WriteLine();
        output.WriteLine($"lookup of {lookup.Name}");
        Files(trace);
        foreach (var line in lookup.Hosts)
            output.WriteLine($"{Indent}/etc/hosts line {line.Line} has the name: {line.Text}; no server is asked");
        foreach (var (server, way) in trace.Ways)
        {
            leg($"question to {server} udp 53", way.Forward);
            leg($"answer from {server}", way.Reply);
            output.WriteLine($"{Indent}{way.Verdict.ToString().ToLowerInvariant()}{(way.Cause is { } cause ? $": {cause.Message}" : "")}");
        }
        output.WriteLine();
        Candidates(lookup);
        if (trace.Asked is { } asked) AskedText.Write(output, asked, "asked for real, from the pod:");
        if (!trace.Addresses.IsEmpty) output.WriteLine($"{Indent}addresses: {string.Join(", ", trace.Addresses)}");
        if (trace.Advice is { } advice) output.WriteLine($"note: {advice}");
        foreach (var note in trace.Notes) output.WriteLine($"note: {note}");
    }

    private void Files(LookupTrace trace)
    {
        var conf = trace.Lookup.Conf;
        output.WriteLine($"{Indent}{trace.Source}:");
        foreach (var server in conf.Nameservers) output.WriteLine($"{Indent}{Indent}nameserver {server} (line {server.Line})");
        if (!conf.Searches.IsEmpty)
            output.WriteLine($"{Indent}{Indent}search {string.Join(' ', conf.Searches)} (line {conf.Searches[0].Line})");
        output.WriteLine($"{Indent}{Indent}ndots:{conf.Ndots} ({(conf.LineOf("ndots") is > 0 and var at ? $"line {at}" : "the default")})");
        foreach (var ignored in conf.Ignored)
            output.WriteLine($"{Indent}{Indent}without effect: '{ignored.Text}' (line {ignored.Line}): {ignored.Why}");
    }

    private void Candidates(Lookup lookup)
    {
        foreach (var candidate in lookup.Candidates.Where(c => c.Turn != CandidateTurn.NotAsked))
        {
            output.WriteLine($"{Indent}{candidate.Candidate}{(candidate.Turn == CandidateTurn.Perhaps ? "  (if the one before has no answer)" : "")}");
            // Both types are mostly told the same.
            foreach (var alike in candidate.Questions.GroupBy(q => (q.Answer.Why, q.Answer.Origin, Word(q.Answer))))
            {
                var origin = alike.Key.Origin is null ? "" : $"   <- {alike.Key.Origin}";
                output.WriteLine($"{Indent}{Indent}{string.Join(", ", alike.Select(q => q.Type.Word())),-7} {alike.Key.Item3}: "
                    + $"{alike.Key.Why}{origin}");
            }
        }
        if (lookup.Hosts.IsEmpty) output.WriteLine($"{Indent}{lookup.Questions} questions{(HasPerhaps(lookup) ? ", or more" : "")}");
    }

    private static bool HasPerhaps(Lookup lookup) => lookup.Candidates.Any(c => c.Turn == CandidateTurn.Perhaps);

    private static string Word(ExpectedAnswer answer) => AnswerDifference.Word(answer.Kind, answer.Records, null);
}
