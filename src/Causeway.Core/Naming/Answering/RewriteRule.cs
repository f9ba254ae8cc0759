using System.Text.RegularExpressions;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>What one rule makes of a question.</summary>
internal static class RewriteRule
{
    /// <summary>The question that is asked in its place; null when the rule does not fit, or makes no name.</summary>
    public static DnsQuestion? Apply(this RewriteSettings rule, DnsQuestion question)
    {
        if (rule.Type is { } type) return type == question.Type ? question with { Type = rule.ToType!.Value } : null;
        return Replace(rule.Match, rule.From, rule.To, rule.Pattern, Text(question.Name)) is { } text
            && DnsName.TryParse(text, out var name, out _)
                ? question with { Name = name }
                : null;
    }

    /// <summary>The text with what fits replaced; null when nothing does.</summary>
    public static string? Replace(RewriteMatch match, string from, string to, Regex? pattern, string text)
    {
        switch (match)
        {
            case RewriteMatch.Exact:
                return text == from ? to : null;
            case RewriteMatch.Prefix:
                return text.StartsWith(from, StringComparison.Ordinal) ? to + text[from.Length..] : null;
            case RewriteMatch.Suffix:
                return text.EndsWith(from, StringComparison.Ordinal) ? text[..^from.Length] + to : null;
            case RewriteMatch.Substring:
                return text.Contains(from, StringComparison.Ordinal) ? text.Replace(from, to, StringComparison.Ordinal) : null;
            default:
                var found = pattern!.Match(text);
                return found.Success ? Groups(to, found) : null;
        }
    }

    /// <summary>In lower case and with the last dot: as rules are written.</summary>
    public static string Text(DnsName name) => name.ToLower().ToString();

    /// <summary><c>{1}</c> for the first group, and so on.</summary>
    private static string Groups(string text, Match found)
    {
        for (var i = 0; i < found.Groups.Count; i++)
            text = text.Replace($"{{{i}}}", found.Groups[i].Value, StringComparison.Ordinal);
        return text;
    }
}

/// <summary>The way back of one rule that was applied.</summary>
internal readonly record struct RewriteBack(RewriteSettings Rule, DnsName Asked, DnsName Changed)
{
    public DnsRecord Apply(DnsRecord record)
    {
        if (Rule.Type is not null) return record;
        if (Rule.AnswersBack) record = record with { Name = Automatic(record.Name) };
        foreach (var answer in Rule.Answers)
            record = answer.IsValue
                ? record with { Data = Data(record, answer) }
                : record with { Name = By(answer, record.Name) };
        return record;
    }

    // The name that was asked, in the client's own case; of other names the part that was changed.
    private DnsName Automatic(DnsName name)
    {
        if (name == Changed) return Asked;
        return Rule.Match is RewriteMatch.Prefix or RewriteMatch.Suffix
            ? Name(RewriteRule.Replace(Rule.Match, Rule.To, Rule.From, null, RewriteRule.Text(name)), name)
            : name;
    }

    private static DnsName By(RewriteAnswer answer, DnsName name) => Name(
        RewriteRule.Replace(RewriteMatch.Pattern, "", answer.To, answer.Pattern, RewriteRule.Text(name)), name);

    private static DnsData Data(DnsRecord record, RewriteAnswer answer) => record.Type switch
    {
        DnsType.CNAME or DnsType.PTR or DnsType.NS => DnsData.Of(By(answer, record.Data.NameAt(0))),
        DnsType.SRV => DnsData.FromWire([.. record.Data.Bytes[..6], .. By(answer, record.Data.NameAt(6)).Wire]),
        _ => record.Data,
    };

    private static DnsName Name(string? text, DnsName otherwise) =>
        text is not null && DnsName.TryParse(text, out var name, out _) ? name : otherwise;
}
