using Causeway.Core.Trace;

namespace Causeway.Trace;

/// <summary>A trace for people: one line per hop, the last lines say the verdict, the cause and the fix.</summary>
internal sealed class TraceText(TextWriter output, bool colour)
{
    private const int ComponentWidth = 10;
    private const string Indent = "  ";

    public void Write(string title, TraceResult result)
    {
        output.WriteLine(title);
        if (result.Lookup is { } lookup) new LookupText(output, Leg).Write(lookup);
        Leg("forward", result.Forward);
        Leg("reply", result.Reply);
        output.WriteLine();
        foreach (var note in result.Notes) output.WriteLine($"note: {note}");
        var (word, tint) = result.Verdict switch
        {
            Verdict.Reachable => ("reachable", Tint.Green),
            Verdict.Unreachable => ("unreachable", Tint.Red),
            Verdict.Partial => ("partial", Tint.Yellow),
            _ => ("unknown", Tint.Yellow),
        };
        if (result.Cause is not { } cause)
        {
            var before = result.Lookup is null ? "" : "the name is found, ";
            output.WriteLine($"{Paint(word, tint)}: {before}the packet arrives, and the reply comes back");
            return;
        }
        output.WriteLine($"{Paint(word, tint)}: {cause.Message} [{cause.CodeText}]");
        if (cause.Evidence.Length > 0) Block("evidence", cause.Evidence);
        output.WriteLine($"{Indent}{"fix",-9} {cause.Fix}");
    }

    private static readonly string[] Asides = ["goes to", "takes this way", " mark", "accepts the packet"];

    private void Leg(string name, Leg leg)
    {
        HashSet<(Disposition, CauseCode?)> shown = [];
        foreach (var (branch, number) in leg.Branches.Select((b, i) => (b, i + 1)))
        {
            // Branches that end alike are told in a line.
            if (!shown.Add((branch.Disposition, branch.Cause?.Code)))
            {
                output.WriteLine(Paint($"{name}, way {number} of {leg.Branches.Length}", Tint.Bold)
                    + $" ({branch.Probability:P0} of flows), ends alike: {Summary(branch)}");
                continue;
            }
            output.WriteLine();
            output.WriteLine(leg.Branches.Length == 1
                ? Paint(name, Tint.Bold)
                : Paint($"{name}, way {number} of {leg.Branches.Length}", Tint.Bold) + $" ({branch.Probability:P0} of flows)");
            Hops(branch);
        }
    }

    // What translates it, and how it ends.
    private static string Summary(Branch branch) => string.Join("; ", branch.Hops
        .Where((h, i) => i == branch.Hops.Length - 1 || (h.Component is "nat" or "ipvs"
            && !Asides.Any(a => h.Action.Contains(a, StringComparison.Ordinal))))
        .Select(h => h.Action));

    private void Hops(Branch branch)
    {
        var width = branch.Hops.Select(h => Place(h).Length).DefaultIfEmpty().Max();
        var before = "";
        foreach (var hop in branch.Hops)
        {
            var last = branch.Cause is not null && ReferenceEquals(hop, branch.Hops[^1]);
            var action = last ? Paint(hop.Action, branch.Disposition == Disposition.Stopped ? Tint.Red : Tint.Yellow)
                : hop.Action;
            output.WriteLine($"{Indent}{(hop.Host == before ? "" : Place(hop)).PadRight(width)}  "
                + $"{hop.Component.PadRight(ComponentWidth)} {action}");
            var origin = hop.Origin is null ? "" : $"   <- {hop.Origin}";
            if (hop.Evidence.Length + origin.Length > 0)
                output.WriteLine(Paint(
                    $"{Indent}{new string(' ', width)}  {new string(' ', ComponentWidth)} {hop.Evidence}{origin}".TrimEnd(),
                    Tint.Dim));
            before = hop.Host;
        }
    }

    private static string Place(Hop hop) => hop.Host == hop.Node ? hop.Host : $"{hop.Host} ({hop.Node})";

    private void Block(string word, string text)
    {
        var lines = text.TrimEnd().Split('\n');
        output.WriteLine($"{Indent}{word,-9} {lines[0]}");
        foreach (var line in lines.Skip(1)) output.WriteLine($"{Indent}{"",-9} {line}");
    }

    private enum Tint
    {
        Bold = 1,
        Dim = 2,
        Red = 31,
        Green = 32,
        Yellow = 33,
    }

    private string Paint(string text, Tint tint) => colour ? $"\u001b[{(int)tint}m{text}\u001b[0m" : text;
}
