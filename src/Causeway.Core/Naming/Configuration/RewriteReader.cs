using System.Text.RegularExpressions;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

internal static class RewriteReader
{
    public static RewriteSettings? Read(PluginReading line)
    {
        var words = line.Arguments.ToList();
        // The longer form: rewrite [stop] { name regex ... ; answer name ... }
        if (line.Line.Body is [var inner, ..]) words = [.. words, inner.Name, .. inner.Arguments];
        var continues = words is [{ Text: "continue" }, ..];
        if (words is [{ Text: "continue" or "stop" }, ..]) words.RemoveAt(0);
        if (words.Count < 3)
        {
            line.Complain("takes what is changed (name or type), from what and to what");
            return null;
        }
        var back = words.FindIndex(w => w.Text == "answer") is > 0
            || line.Line.Body.Any(b => b.Name.Text == "answer");
        RewriteSettings read = new(line.At, continues, RewriteMatch.Exact, "", "", null, back, null, null);
        return words[0].Text switch
        {
            "name" => Name(line, words, read),
            "type" => Type(line, words, read),
            _ => Unknown(line, words[0]),
        };
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
        if (words.Count < at + 2)
        {
            line.Complain("needs a name and the name that it becomes");
            return null;
        }
        var (from, to) = (words[at].Text, words[at + 1].Text);
        // An exact name keeps no client waiting for a name that it did not ask.
        read = read with { Match = match, From = from, To = to, AnswersBack = read.AnswersBack || match == RewriteMatch.Exact };
        return match == RewriteMatch.Pattern ? read with { Pattern = Patterns.Read(line, words[at]) } : read;
    }

    private static RewriteSettings? Type(PluginReading line, List<ConfigToken> words, RewriteSettings read)
    {
        if (DnsWords.TryParseType(words[1].Text, out var from) && DnsWords.TryParseType(words[2].Text, out var to))
            return read with { Type = from, ToType = to };
        line.Complain(words[1], "is not a pair of types such as ANY HINFO");
        return null;
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
