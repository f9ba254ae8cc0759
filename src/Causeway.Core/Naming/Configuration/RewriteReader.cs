using System.Text.RegularExpressions;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

internal static class RewriteReader
{
    public static RewriteSettings? Read(PluginReading line)
    {
        var words = line.Arguments.ToList();
        var continues = words is [{ Text: "continue" }, ..];
        if (words is [{ Text: "continue" or "stop" }, ..]) words.RemoveAt(0);
        // The longer form: rewrite [stop] { name regex ...; answer name ... }
        if (words.Count == 0 && line.Line.Body is [var first, ..]) words = [first.Name, .. first.Arguments];
        var inBraces = words.Count > 0 && line.Line.Body is [var same, ..] && same.Name == words[0];
        var answerAt = words.FindIndex(w => w.Text == "answer");
        List<List<ConfigToken>> answers = [.. line.Line.Body.Skip(inBraces ? 1 : 0).Select(b => (List<ConfigToken>)[b.Name, .. b.Arguments])];
        if (answerAt > 0)
        {
            answers.Add(words[answerAt..]);
            words = words[..answerAt];
        }
        if (words.Count < 3)
        {
            line.Complain("takes what is changed (name or type), from what and to what");
            return null;
        }
        RewriteSettings read = new(line.At, continues, RewriteMatch.Exact, "", "", null, false, [], null, null);
        var rule = words[0].Text switch
        {
            "name" => Name(line, words, read),
            "type" => Type(line, words, read),
            _ => Unknown(line, words[0]),
        };
        foreach (var answer in answers) rule = rule is null ? null : Answer(line, answer, rule);
        return rule;
    }

    private static RewriteSettings? Name(PluginReading line, List<ConfigToken> words, RewriteSettings read)
    {
        var hasMatch = words[1].Text is "exact" or "prefix" or "suffix" or "substring" or "regex";
        var match = hasMatch
            ? line.Word(
                words[1], RewriteMatch.Exact, ("exact", RewriteMatch.Exact), ("prefix", RewriteMatch.Prefix),
                ("suffix", RewriteMatch.Suffix), ("substring", RewriteMatch.Substring), ("regex", RewriteMatch.Pattern))
            : RewriteMatch.Exact;
        var at = hasMatch ? 2 : 1;
        if (words.Count != at + 2)
        {
            line.Complain(words[0], "needs a name and the name that it becomes, and after that 'answer' or nothing");
            return null;
        }
        var (from, to) = (words[at].Text, words[at + 1].Text);
        if (match != RewriteMatch.Pattern) from = from.ToLowerInvariant();
        // Whole names and ends of names are rooted, as what they are compared with.
        if (match is RewriteMatch.Exact or RewriteMatch.Suffix) (from, to) = (Rooted(from), Rooted(to));
        // An exact name keeps no client waiting for a name that it did not ask.
        read = read with { Match = match, From = from, To = to, AnswersBack = match == RewriteMatch.Exact };
        if (match != RewriteMatch.Pattern) return read;
        return Patterns.Read(line, words[at]) is { } pattern ? read with { Pattern = pattern } : null;
    }

    private static string Rooted(string name) => name.EndsWith('.') ? name : name + ".";

    private static RewriteSettings? Type(PluginReading line, List<ConfigToken> words, RewriteSettings read)
    {
        if (DnsWords.TryParseType(words[1].Text, out var from) && DnsWords.TryParseType(words[2].Text, out var to))
            return read with { Type = from, ToType = to };
        line.Complain(words[1], "is not a pair of types such as ANY HINFO");
        return null;
    }

    /// <summary><c>answer auto</c>, <c>answer name PATTERN NAME</c> or <c>answer value PATTERN NAME</c>.</summary>
    private static RewriteSettings? Answer(PluginReading line, List<ConfigToken> words, RewriteSettings rule)
    {
        switch (words)
        {
            case [{ Text: "answer" }, { Text: "auto" } auto]:
                if (rule.Match is not (RewriteMatch.Pattern or RewriteMatch.Substring)) return rule with { AnswersBack = true };
                line.Complain(auto, "what a pattern or a substring changed is not known backwards: answer name PATTERN NAME says it");
                return null;
            case [{ Text: "answer" }, { Text: "name" or "value" } what, var from, var to]:
                return Patterns.Read(line, from) is { } pattern
                    ? rule with { Answers = rule.Answers.Add(new(what.Text == "value", pattern, to.Text)) }
                    : null;
            default:
                line.Complain(words[0], "is not 'answer auto', 'answer name PATTERN NAME' or 'answer value PATTERN NAME'");
                return null;
        }
    }

    private static RewriteSettings? Unknown(PluginReading line, ConfigToken word)
    {
        line.Complain(word, $"'{word}' cannot be rewritten here; name and type can");
        return null;
    }
}

/// <summary>Patterns that take a time that grows with the text only, whatever it is.</summary>
internal static class Patterns
{
    public static Regex? Read(PluginReading line, ConfigToken word)
    {
        try
        {
            return new Regex(
                word.Text.Replace("(?P<", "(?<", StringComparison.Ordinal),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            line.Complain(word, $"'{word}' is not a regular expression: {e.Message}");
            return null;
        }
    }
}
