using System.Text;
using System.Text.RegularExpressions;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>
/// What iptables-nft says in a comment that it does not show: a table, or base chains in one, that somebody made by nft;
/// rules of the other backend. They decide over packets all the same.
/// </summary>
/// <param name="Table">Null: tables of the other backend.</param>
/// <param name="Words">The tool's.</param>
public sealed partial record IptablesGap(string? Table, string Words)
{
    /// <summary>Those told in the text of <c>iptables-save</c>.</summary>
    public static IReadOnlyList<IptablesGap> In(ReadOnlySpan<byte> text)
    {
        List<IptablesGap> gaps = [];
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].TrimEnd("\r "u8);
            if (!line.StartsWith("# "u8)) continue;
            var words = Encoding.UTF8.GetString(line[2..]);
            if (OfTable().Match(words) is { Success: true } match) gaps.Add(new(match.Groups["table"].Value, words));
            else if (OfBackend().IsMatch(words)) gaps.Add(new(null, words));
        }
        return gaps;
    }

    [GeneratedRegex("^Table `(?<table>[^']*)' (is|contains) incompatible", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfTable();

    [GeneratedRegex("^Warning: ip6?tables-legacy tables present", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfBackend();
}
