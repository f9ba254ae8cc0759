namespace SchemaGen;

/// <summary>
/// What the models leave out. One line per field: <c>Type.field WORD...</c>, or <c>package:Type.field</c>
/// where two
/// packages share a name; no field for the type itself. Words are <c>!</c> (required),
/// <c>map:KEYS</c>, <c>set</c>, <c>atomic</c>, <c>patch:KEY</c>, <c>retain</c>, <c>micro</c>,
/// <c>=DEFAULT</c>.
/// </summary>
internal sealed class FieldTable
{
    private readonly Dictionary<string, string[]> _words = [];
    private readonly HashSet<string> _used = [];

    public static FieldTable Read(string path)
    {
        var table = new FieldTable();
        foreach (var line in File.ReadLines(path))
        {
            var words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            if (!table._words.TryAdd(words[0], words[1..]))
                throw new InvalidDataException($"{path}: {words[0]} stands twice");
        }
        return table;
    }

    public IReadOnlyList<string> WordsOf(ModelType model, string field)
    {
        var package = model.Package.Split('.')[^2];
        foreach (var key in new[] { $"{package}:{model.Name}.{field}", $"{model.Name}.{field}" })
        {
            if (!_words.TryGetValue(key, out var words)) continue;
            _used.Add(key);
            return words;
        }
        return [];
    }

    public IEnumerable<string> Unused() => _words.Keys.Where(k => !_used.Contains(k));
}

/// <summary>The protobuf field numbers: one line per type, <c>PACKAGE.TYPE FIELD=NUMBER...</c>.</summary>
internal sealed class WireNumbers
{
    private readonly Dictionary<(string Type, string Field), string> _numbers = [];

    public static WireNumbers Read(string path)
    {
        var wire = new WireNumbers();
        foreach (var line in File.ReadLines(path).Where(l => !l.StartsWith('#')))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var pair in words[1..].Select(w => w.Split('=')))
                wire._numbers[(words[0], pair[0])] = pair[1];
        }
        return wire;
    }

    /// <summary>Null for what has no protobuf form.</summary>
    public string? Of(ModelType model, string field) =>
        _numbers.GetValueOrDefault(($"{model.Package}.{model.Name}", field));
}
