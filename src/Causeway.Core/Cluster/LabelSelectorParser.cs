using System.Collections.Immutable;

namespace Causeway.Core.Cluster;

/// <summary>
/// Reads the string form: requirements between commas, each <c>key</c>, <c>!key</c>, <c>key=value</c>,
/// <c>key==value</c>, <c>key!=value</c>, <c>key in (v,w)</c>, <c>key notin (v,w)</c>, <c>key&gt;1</c> or
/// <c>key&lt;1</c>. Blanks between words are free.
/// </summary>
internal sealed class LabelSelectorParser(string text)
{
    private int _at;

    public List<LabelRequirement> Read()
    {
        List<LabelRequirement> requirements = [];
        SkipBlanks();
        if (_at == text.Length) return requirements;
        while (true)
        {
            requirements.Add(Requirement());
            if (_at == text.Length) return requirements;
            if (!Take(',')) throw Error("a comma is expected");
        }
    }

    private LabelRequirement Requirement()
    {
        if (Take('!')) return new(Key(), LabelOperator.DoesNotExist, []);
        var key = Key();
        if (_at == text.Length || text[_at] == ',') return new(key, LabelOperator.Exists, []);
        if (Take('!'))
        {
            if (!Take('=')) throw Error("'=' is expected after '!'");
            return new(key, LabelOperator.NotIn, [Word()]);
        }
        if (Take('='))
        {
            Take('=');
            return new(key, LabelOperator.In, [Word()]);
        }
        if (Take('>')) return new(key, LabelOperator.GreaterThan, [Word()]);
        if (Take('<')) return new(key, LabelOperator.LessThan, [Word()]);
        var before = _at;
        var word = Word();
        if (word == "in") return new(key, LabelOperator.In, Values());
        if (word == "notin") return new(key, LabelOperator.NotIn, Values());
        _at = before;
        throw Error("'=', '!=', '<', '>', 'in' or 'notin' is expected");
    }

    private ImmutableArray<string> Values()
    {
        if (!Take('(')) throw Error("'(' is expected");
        List<string> values = [Word()];
        while (Take(',')) values.Add(Word());
        return Take(')') ? [.. values] : throw Error("')' is expected");
    }

    private string Key() => Word() is { Length: > 0 } key ? key : throw Error("a label key is expected");

    /// <summary>Up to the next operator, blank or end; may be empty, as the value of a label may.</summary>
    private string Word()
    {
        SkipBlanks();
        var from = _at;
        while (_at < text.Length && !IsBlank(text[_at]) && text[_at] is not ('=' or '!' or ',' or '(' or ')' or '<' or '>'))
            _at++;
        var word = text[from.._at];
        SkipBlanks();
        return word;
    }

    private bool Take(char symbol)
    {
        SkipBlanks();
        if (_at == text.Length || text[_at] != symbol) return false;
        _at++;
        SkipBlanks();
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && IsBlank(text[_at])) _at++;
    }

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\n';

    private FormatException Error(string message) => new(
        $"label selector '{text}': {message} at character {_at + 1}"
        + (_at < text.Length
            ? $", before '{text[_at..Math.Min(text.Length, _at + 20)]}'"
            : ", where it ends"));
}
