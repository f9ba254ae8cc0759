using System.Text;

namespace Causeway.Core.Naming.Configuration;

/// <summary>
/// A Corefile's words, line by line: words between blanks, <c>"quoted"</c> ones with <c>\"</c> for a quote, comments
/// from <c>#</c> to the end of the line, <c>{$NAME}</c> and <c>{%NAME%}</c> replaced by the environment's.
/// </summary>
internal sealed class CorefileLexer(string file, string text, ConfigEnvironment environment, Action<ConfigProblem> complain)
{
    private int _at;
    private int _line = 1;
    private int _lineStart;

    private bool AtEnd => _at >= text.Length;

    private ConfigPosition Position => new(file, _line, _at - _lineStart + 1);

    /// <summary>The lines that have words.</summary>
    public List<List<ConfigToken>> Read()
    {
        List<List<ConfigToken>> lines = [];
        List<ConfigToken> line = [];
        while (!AtEnd)
        {
            var c = text[_at];
            if (c == '\n')
            {
                if (line.Count > 0) lines.Add(line);
                line = [];
                NextLine();
            }
            else if (char.IsWhiteSpace(c))
            {
                _at++;
            }
            else if (c == '#')
            {
                while (!AtEnd && text[_at] != '\n') _at++;
            }
            else
            {
                line.Add(c == '"' ? Quoted() : Word());
            }
        }
        if (line.Count > 0) lines.Add(line);
        return lines;
    }

    private ConfigToken Quoted()
    {
        var at = Position;
        StringBuilder word = new();
        for (_at++; !AtEnd && text[_at] != '"'; _at++)
        {
            if (text[_at] == '\n') NextLine(stay: true);
            if (text[_at] == '\\' && _at + 1 < text.Length && text[_at + 1] == '"') _at++;
            word.Append(text[_at]);
        }
        if (AtEnd) complain(new(at, "a quote that does not end"));
        else _at++;
        return new(Substitute(word.ToString(), at), at);
    }

    private ConfigToken Word()
    {
        var at = Position;
        var from = _at;
        while (!AtEnd && !char.IsWhiteSpace(text[_at])) _at++;
        return new(Substitute(text[from.._at], at), at);
    }

    private void NextLine(bool stay = false)
    {
        _line++;
        _lineStart = _at + 1;
        if (!stay) _at++;
    }

    private string Substitute(string word, ConfigPosition at)
    {
        foreach (var (open, close) in (ReadOnlySpan<(string, string)>)[("{$", "}"), ("{%", "%}")])
        {
            for (var from = 0; (from = word.IndexOf(open, from, StringComparison.Ordinal)) >= 0;)
            {
                var end = word.IndexOf(close, from, StringComparison.Ordinal);
                if (end < 0) break;
                var name = word[(from + open.Length)..end];
                if (environment.Variable(name) is not { } value)
                {
                    complain(new(at, $"there is no environment variable {name}"));
                    value = "";
                }
                word = word[..from] + value + word[(end + close.Length)..];
                from += value.Length;
            }
        }
        return word;
    }
}
