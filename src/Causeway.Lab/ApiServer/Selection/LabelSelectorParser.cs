namespace Causeway.Lab.ApiServer.Selection;

/// <summary>Reads the label selector grammar of the Kubernetes API from left to right.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private int _at;

    public string? Fault { get; private set; }

    public List<LabelSelector.Requirement>? Parse()
    {
        List<LabelSelector.Requirement> requirements = [];
        SkipSpace();
        if (_at == text.Length) return requirements;
        while (true)
        {
            if (ParseOne() is not { } requirement) return null;
            requirements.Add(requirement);
            SkipSpace();
            if (_at == text.Length) return requirements;
            if (!Take(',')) return Fail<List<LabelSelector.Requirement>>("expected ',' or the end");
        }
    }

    private LabelSelector.Requirement? ParseOne()
    {
        SkipSpace();
        var absent = Take('!');
        SkipSpace();
        var key = Word();
        if (key.Length == 0) return Fail<LabelSelector.Requirement>("expected a label key");
        if (LabelSyntax.KeyFault(key) is { } fault) return Fail<LabelSelector.Requirement>(fault);
        SkipSpace();
        if (absent) return new(key, LabelOperator.Absent, []);
        if (_at == text.Length || text[_at] == ',') return new(key, LabelOperator.Exists, []);
        if (Take('!')) return Take('=') ? Single(key, LabelOperator.NotIn)
            : Fail<LabelSelector.Requirement>("expected '!='");
        if (Take('='))
        {
            Take('=');
            return Single(key, LabelOperator.In);
        }
        if (Take('>')) return Ordered(key, LabelOperator.Greater);
        if (Take('<')) return Ordered(key, LabelOperator.Less);
        return Word() switch
        {
            "in" => Set(key, LabelOperator.In),
            "notin" => Set(key, LabelOperator.NotIn),
            _ => Fail<LabelSelector.Requirement>("expected =, ==, !=, in, notin, < or >"),
        };
    }

    private LabelSelector.Requirement? Single(string key, LabelOperator op)
    {
        SkipSpace();
        return Value() is { } value ? new(key, op, [value]) : null;
    }

    private LabelSelector.Requirement? Ordered(string key, LabelOperator op)
    {
        SkipSpace();
        if (Value() is not { } value) return null;
        return LabelSelector.Requirement.Number(value) is null
            ? Fail<LabelSelector.Requirement>($"'{value}' is not an integer, which < and > need")
            : new(key, op, [value]);
    }

    private LabelSelector.Requirement? Set(string key, LabelOperator op)
    {
        SkipSpace();
        if (!Take('(')) return Fail<LabelSelector.Requirement>("expected '('");
        List<string> values = [];
        do
        {
            SkipSpace();
            if (Value() is not { } value) return null;
            values.Add(value);
            SkipSpace();
        } while (Take(','));
        return Take(')') ? new(key, op, values) : Fail<LabelSelector.Requirement>("expected ',' or ')'");
    }

    private string? Value()
    {
        var value = Word();
        return LabelSyntax.ValueFault(value) is { } fault ? Fail<string>(fault) : value;
    }

    private string Word()
    {
        var start = _at;
        while (_at < text.Length && !" \t\n,()=!<>".Contains(text[_at])) _at++;
        return text[start.._at];
    }

    private bool Take(char wanted)
    {
        if (_at == text.Length || text[_at] != wanted) return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
    }

    private T? Fail<T>(string message) where T : class
    {
        Fault = $"unable to parse requirement: {message}, at column {_at + 1} of '{text}'";
        return null;
    }
}
