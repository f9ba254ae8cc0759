using Causeway.Core.Naming.Lookups;
using Causeway.Core.Wire.Dns;

namespace Causeway.Trace;

/// <summary>Questions that were asked, a line for each.</summary>
internal static class AskedText
{
    public static void Write(TextWriter output, AskedLookup asked, string title)
    {
        output.WriteLine($"  {title}");
        var width = asked.Questions.Select(q => q.Candidate.ToString().Length).DefaultIfEmpty().Max();
        foreach (var question in asked.Questions)
        {
            var answer = question.Kind is { } kind
                ? AnswerDifference.Word(kind, question.Reply!.Answers, question.Reply.Rcode)
                : "no answer";
            var fault = question.Fault.Length == 0 ? "" : $"   ({question.Fault})";
            output.WriteLine($"    {question.Candidate.ToString().PadRight(width)}  {question.Type.Word(),-5} "
                + $"{question.Server?.ToString() ?? "nobody"}  {question.Took.TotalMilliseconds,8:0.0} ms  {answer}{fault}");
        }
    }
}
