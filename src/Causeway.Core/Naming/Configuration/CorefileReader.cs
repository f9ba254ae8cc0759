namespace Causeway.Core.Naming.Configuration;

/// <summary>A Corefile's lines to blocks; snippets and imported files put in their places.</summary>
internal sealed class CorefileReader(ConfigEnvironment environment, Action<ConfigProblem> complain)
{
    private const int DeepestImport = 10;

    private readonly Dictionary<string, IReadOnlyList<ConfigDirective>> _snippets = new(StringComparer.Ordinal);
    private List<List<ConfigToken>> _lines = [];
    private int _at;

    public List<ConfigBlock> Read(string file, string text) => Blocks(Lines(file, text), 0);

    private List<List<ConfigToken>> Lines(string file, string text) =>
        new CorefileLexer(file, text, environment, complain).Read();

    private List<ConfigBlock> Blocks(List<List<ConfigToken>> lines, int depth)
    {
        var (outerLines, outerAt) = (_lines, _at);
        (_lines, _at) = (lines, 0);
        List<ConfigBlock> blocks = [];
        while (_at < _lines.Count)
        {
            var line = _lines[_at];
            if (line is [{ Text: "import" }, var what] && !_snippets.ContainsKey(what.Text))
            {
                _at++;
                if (FileLines(what, depth) is { } imported) blocks.AddRange(Blocks(imported, depth + 1));
            }
            else if (Block(depth, bare: blocks.Count == 0 && _at == 0) is not { } block)
            {
                // Told by then.
            }
            else if (block.Keys is [{ Text: ['(', .. var name, ')'] }])
            {
                _snippets[name] = block.Directives;
            }
            else
            {
                blocks.Add(block);
            }
        }
        (_lines, _at) = (outerLines, outerAt);
        return blocks;
    }

    /// <summary>Keys, which may go on over lines that end in a comma, then braces; a file without braces is one block.</summary>
    /// <param name="bare">Whether it may be without braces.</param>
    private ConfigBlock? Block(int depth, bool bare)
    {
        List<ConfigToken> keys = [];
        var first = _lines[_at][0];
        while (_at < _lines.Count)
        {
            var line = _lines[_at++];
            var opens = line[^1].Text == "{";
            foreach (var token in opens ? line[..^1] : line)
                keys.AddRange(token.Text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(k => token with { Text = k }));
            if (opens) return new(keys, Directives(line[^1], depth));
            if (line[^1].Text.EndsWith(',')) continue;
            if (bare) return new(keys, Rest(depth));
            break;
        }
        complain(new(first.At, $"after '{first}' a block in braces is missing"));
        return null;
    }

    private List<ConfigDirective> Rest(int depth)
    {
        List<ConfigDirective> directives = [];
        while (_at < _lines.Count) directives.AddRange(Directive(depth));
        return directives;
    }

    private List<ConfigDirective> Directives(ConfigToken brace, int depth)
    {
        List<ConfigDirective> directives = [];
        while (_at < _lines.Count)
        {
            if (_lines[_at] is [{ Text: "}" }, .. var more])
            {
                if (more is [var extra, ..]) complain(new(extra.At, $"'{extra}' after a closing brace"));
                _at++;
                return directives;
            }
            directives.AddRange(Directive(depth));
        }
        complain(new(brace.At, "this brace is not closed"));
        return directives;
    }

    private IEnumerable<ConfigDirective> Directive(int depth)
    {
        var line = _lines[_at++];
        if (line[0].Text == "}")
        {
            complain(new(line[0].At, "a closing brace without an opening one"));
            return [];
        }
        if (line is [{ Text: "import" }, var what]) return Import(what, depth);
        if (line is [.. var words, { Text: "{" } brace] && words.Count > 0)
            return [new(line[0], [.. words.Skip(1)], Directives(brace, depth))];
        // Braces on one line: plugin { option value }
        var open = line.FindIndex(t => t.Text == "{");
        if (open <= 0 || line[^1].Text != "}") return [new(line[0], line[1..], [])];
        var inside = line[(open + 1)..^1];
        return [new(line[0], line[1..open], inside is [var name, .. var rest] ? [new(name, rest, [])] : [])];
    }

    private IEnumerable<ConfigDirective> Import(ConfigToken what, int depth)
    {
        if (_snippets.TryGetValue(what.Text, out var snippet)) return snippet;
        if (FileLines(what, depth) is not { } lines) return [];
        var (outerLines, outerAt) = (_lines, _at);
        (_lines, _at) = (lines, 0);
        var directives = Rest(depth + 1);
        (_lines, _at) = (outerLines, outerAt);
        return directives;
    }

    private List<List<ConfigToken>>? FileLines(ConfigToken what, int depth)
    {
        if (depth >= DeepestImport)
            complain(new(what.At, $"import {what}: imports are nested more than {DeepestImport} deep"));
        else if (environment.File(what.Text) is { } text)
            return Lines(what.Text, text);
        else if (!what.Text.Contains('*', StringComparison.Ordinal))
            complain(new(what.At, $"import {what}: neither a snippet before this line nor a file that can be read"));
        return null;
    }
}
