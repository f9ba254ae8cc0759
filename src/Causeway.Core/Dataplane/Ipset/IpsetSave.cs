using System.Globalization;
using System.Text;

namespace Causeway.Core.Dataplane.Ipset;

/// <summary>The text of <c>ipset save</c>.</summary>
public static class IpsetSave
{
    /// <summary>The sets in the order of the text. Throws <see cref="FormatException"/> with the line's number.</summary>
    public static IReadOnlyList<IpSet> Parse(string text)
    {
        var sets = new Dictionary<string, (string Type, string Options, List<IpsetMember> Members)>(StringComparer.Ordinal);
        List<string> order = [];
        var number = 0;
        foreach (var part in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = part.Trim().ToString();
            if (line.Length == 0) continue;
            var words = line.Split(' ', 4);
            if (words is ["create", var name, var type, ..] && !sets.ContainsKey(name) && type.Contains(':'))
            {
                sets[name] = (type, words.Length > 3 ? words[3] : "", []);
                order.Add(name);
            }
            else if (words is ["add", var set, var member, ..] && sets.TryGetValue(set, out var known))
            {
                known.Members.Add(Member(member, words.Length > 3 ? words[3] : ""));
            }
            else
            {
                throw new FormatException($"line {number} of ipset save: '{line}': neither a set nor a member of one");
            }
        }
        return [.. order.Select(n => new IpSet
        {
            Name = n, Type = sets[n].Type, Options = sets[n].Options, Members = new(sets[n].Members),
        })];
    }

    /// <summary>As <c>ipset restore</c> reads it; members in order, times that are left as they are.</summary>
    public static string Print(IpSet set)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"create {set.Name} {set.Type}");
        text.Append(set.Options.Length == 0 ? "" : " " + set.Options).Append('\n');
        foreach (var member in set.Members.All.OrderBy(m => m.Text, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"add {set.Name} {member.Text}");
            if (member.Timeout is { } seconds) text.Append(CultureInfo.InvariantCulture, $" timeout {seconds}");
            if (member.Comment is { } comment) text.Append(CultureInfo.InvariantCulture, $" comment \"{comment}\"");
            if (member.NoMatch) text.Append(" nomatch");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static IpsetMember Member(string text, string options)
    {
        if (options.Length == 0) return new(text);
        var comment = options.IndexOf("comment \"", StringComparison.Ordinal);
        var said = comment < 0 ? null : options[(comment + 9)..options.LastIndexOf('"')];
        var words = (comment < 0 ? options : options[..comment] + options[(options.LastIndexOf('"') + 1)..])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var timeout = Array.IndexOf(words, "timeout");
        return new(text, words.Contains("nomatch"))
        {
            Comment = said,
            Timeout = timeout >= 0 && timeout + 1 < words.Length
                ? int.Parse(words[timeout + 1], CultureInfo.InvariantCulture)
                : null,
        };
    }
}
