using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Causeway.Core;

/// <summary>
/// Whether a text's tree can be walked: a few bytes of YAML can stand for a tree without end, for one of terabytes, or
/// for one so deep that who follows it dies of it. Looked at by the parser's events, which take no room.
/// </summary>
internal sealed class YamlShape
{
    public const int MaxDepth = 128;

    /// <summary>A list of tens of thousands of objects has fewer.</summary>
    public const long MaxValues = 2_000_000;

    private readonly Stack<Open> _open = [];
    private readonly Dictionary<AnchorName, Size> _anchors = [];

    /// <summary>Throws <see cref="YamlException"/> that says where and why.</summary>
    public static void Check(string text)
    {
        var shape = new YamlShape();
        var parser = new Parser(new StringReader(text));
        while (parser.MoveNext()) shape.Take(parser.Current!);
    }

    private void Take(ParsingEvent part)
    {
        switch (part)
        {
            case DocumentStart:
                _anchors.Clear();
                break;
            case MappingStart or SequenceStart:
                Begin((NodeEvent)part, part is MappingStart);
                break;
            case MappingEnd or SequenceEnd:
                End(part);
                break;
            case AnchorAlias alias:
                Follow(alias);
                break;
            case Scalar scalar:
                var one = new Size(1, 0, IsScalar: true);
                Name(scalar.Anchor, one);
                Add(one, part);
                break;
        }
    }

    private void Begin(NodeEvent part, bool isMapping)
    {
        var inKey = _open.TryPeek(out var outer) && (outer.InKey || outer.AtKey);
        _open.Push(new Open { IsMapping = isMapping, AtKey = isMapping, InKey = inKey, Anchor = part.Anchor });
        if (_open.Count > MaxDepth) throw Refused(part, $"it is nested deeper than {MaxDepth} levels");
        Name(part.Anchor, Size.Unfinished);
    }

    private void End(ParsingEvent part)
    {
        var ended = _open.Pop();
        var size = new Size(ended.Values + 1, ended.Depth + 1);
        Name(ended.Anchor, size);
        Add(size, part);
    }

    private void Follow(AnchorAlias alias)
    {
        // An unknown one is the loader's to complain of.
        if (!_anchors.TryGetValue(alias.Value, out var size)) return;
        if (size == Size.Unfinished) throw Refused(alias, $"*{alias.Value} is within what it stands for");
        // Keys are compared, and that follows all that is in them.
        var outer = _open.Peek();
        if (outer.InKey || (outer.AtKey && !size.IsScalar)) throw Refused(alias, $"*{alias.Value} is within a key");
        Add(size, alias);
    }

    private void Name(AnchorName anchor, Size size)
    {
        if (!anchor.IsEmpty) _anchors[anchor] = size;
    }

    private void Add(Size part, ParsingEvent at)
    {
        if (!_open.TryPeek(out var outer)) return;
        outer.Values += part.Values;
        outer.Depth = Math.Max(outer.Depth, part.Depth);
        if (outer.IsMapping) outer.AtKey = !outer.AtKey;
        if (outer.Values > MaxValues) throw Refused(at, $"it holds more than {MaxValues} values once its aliases are followed");
        if (_open.Count + part.Depth > MaxDepth) throw Refused(at, $"it is nested deeper than {MaxDepth} levels");
    }

    private static YamlException Refused(ParsingEvent at, string why) => new(at.Start, at.End, why);

    /// <param name="Values">All within it, and itself.</param>
    /// <param name="Depth">Levels of lists and mappings.</param>
    private readonly record struct Size(long Values, int Depth, bool IsScalar = false)
    {
        public static readonly Size Unfinished = new(-1, 0);
    }

    /// <summary>A list or mapping whose end has not come.</summary>
    private sealed class Open
    {
        public required bool IsMapping { get; init; }

        public required bool InKey { get; init; }

        public required AnchorName Anchor { get; init; }

        /// <summary>The next node is a key of this mapping.</summary>
        public required bool AtKey { get; set; }

        public long Values { get; set; }

        public int Depth { get; set; }
    }
}
