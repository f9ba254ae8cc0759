using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>
/// Rules of one table. Segments that repeat (a protocol, a mark, a jump) are parsed once, since a cluster's rulesets are
/// a hundred thousand lines of a few shapes.
/// </summary>
internal sealed class IptablesRuleParser(IpFamily family, Dictionary<string, int> chains)
{
    private const int MostKept = 100_000;

    private readonly Dictionary<string, ImmutableArray<IptablesMatch>> _matches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IptablesTarget> _targets = new(StringComparer.Ordinal);
    private readonly List<IptablesMatch> _found = [];

    /// <param name="at">Where the options start.</param>
    public IptablesRule Parse(ReadOnlyMemory<char> line, int at)
    {
        _found.Clear();
        IptablesTarget? target = null;
        var text = line.Span;
        while (at < text.Length && target is null)
        {
            var end = IptablesTokens.End(text, at);
            if (text[at..end] is "-j" or "-g")
            {
                target = Target(text[at..]);
                break;
            }
            end = SegmentEnd(text, at);
            Match(text[at..end]);
            at = end + 1;
        }
        return new(line, [.. _found], target);
    }

    // From one option or -m up to the next of either.
    private static int SegmentEnd(ReadOnlySpan<char> text, int at)
    {
        var words = 0;
        var module = false;
        for (var i = at; i < text.Length;)
        {
            var end = IptablesTokens.End(text, i);
            var word = text[i..end];
            var option = word is "!" || (word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]));
            if (word is "-m" && words == 0) module = true;
            else if (words > 0 && option && (!module || word is "-m" or "-j" or "-g") && !(words == 1 && text[at] == '!'))
                return i - 1;
            words++;
            i = end + 1;
        }
        return text.Length;
    }

    private void Match(ReadOnlySpan<char> segment)
    {
        if (segment.StartsWith("-m comment")) return;
        var kept = _matches.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!kept.TryGetValue(segment, out var matches))
        {
            var text = segment.ToString();
            matches = IptablesMatchParser.Parse(text, family);
            // Addresses seldom repeat.
            if (_matches.Count < MostKept && !text.StartsWith("-d", StringComparison.Ordinal)
                && !text.StartsWith("-s", StringComparison.Ordinal)) _matches.Add(text, matches);
        }
        foreach (var match in matches) _found.Add(match);
    }

    private IptablesTarget Target(ReadOnlySpan<char> segment)
    {
        var kept = _targets.GetAlternateLookup<ReadOnlySpan<char>>();
        if (kept.TryGetValue(segment, out var target)) return target;
        var text = segment.ToString();
        target = IptablesTargetParser.Parse(text, family, chains.ContainsKey);
        if (_targets.Count < MostKept) _targets.Add(text, target);
        return target;
    }
}
