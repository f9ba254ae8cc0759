using System.Collections.Immutable;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>
/// Rules of one table. Segments that repeat (a protocol, a mark, a jump) are parsed once, since a cluster's rulesets are
/// a hundred thousand lines of a few shapes.
/// </summary>
/// <param name="utf8">The text that the table stands in.</param>
internal sealed class IptablesRuleParser(IpFamily family, ReadOnlyMemory<byte> utf8, Func<string, bool> isChain)
{
    private const int MostKept = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ImmutableArray<IptablesMatch>> _matches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IptablesTarget> _targets = new(StringComparer.Ordinal);
    private readonly List<IptablesMatch> _found = [];

    /// <summary>The rules that stand in these parts of the text, which has been seen to be of the format.</summary>
    public ImmutableArray<IptablesRule> Parse(IEnumerable<TextPart> parts)
    {
        lock (_gate) return [.. Lines(parts).Select(line => Parse(line.Rule, line.Counters))];
    }

    /// <summary>The lines in these parts.</summary>
    public IEnumerable<(string Rule, IptablesCounters Counters)> Lines(IEnumerable<TextPart> parts)
    {
        foreach (var part in parts)
        {
            for (var start = part.Start; start < part.End;)
            {
                var rest = utf8.Span[start..part.End];
                var length = rest.IndexOf((byte)'\n');
                if (length < 0) length = rest.Length;
                start += length + 1;
                var line = rest[..length].TrimEnd("\r "u8);
                if (line.IsEmpty || line[0] == '#') continue;
                yield return (Encoding.UTF8.GetString(IptablesCounters.Read(line, out var counters)), counters);
            }
        }
    }

    private IptablesRule Parse(string line, IptablesCounters counters)
    {
        _found.Clear();
        IptablesTarget? target = null;
        var text = line.AsSpan();
        // Behind "-A CHAIN ".
        for (var at = IptablesTokens.End(text, 3) + 1; at < text.Length;)
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
        return new(line, [.. _found], target) { Packets = counters.Packets, Bytes = counters.Bytes };
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
        target = IptablesTargetParser.Parse(text, family, isChain);
        if (_targets.Count < MostKept) _targets.Add(text, target);
        return target;
    }
}
