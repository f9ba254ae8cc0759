using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>
/// The types of the Kubernetes API itself, from the embedded <c>builtin.schema</c>. The text is indexed on
/// first use; each type is parsed when it is first asked for.
/// </summary>
internal static class BuiltInSchemas
{
    public const string MetaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1";
    public const string ObjectMeta = MetaPackage + ".ObjectMeta";
    public const string ListMeta = MetaPackage + ".ListMeta";

    private static readonly Lazy<Index> Text = new(ReadIndex);
    private static readonly ConcurrentDictionary<string, SchemaNode> Parsed = new(StringComparer.Ordinal);

    /// <summary>Every kind with the published name of its type.</summary>
    public static IReadOnlyDictionary<GroupVersionKind, string> Kinds => Text.Value.Kinds;

    /// <summary>The type published under a name such as <c>io.k8s.api.core.v1.Pod</c>.</summary>
    public static SchemaNode Definition(string name) =>
        Parsed.GetOrAdd(name, static n => Parse(Text.Value.Types[n]));

    /// <summary>A field whose value is such a type.</summary>
    public static SchemaNode Reference(string name) => new()
    {
        Type = SchemaType.Object,
        Reference = name,
        Target = new(() => Definition(name)),
    };

    private sealed record Index(
        FrozenDictionary<string, Entry> Types, FrozenDictionary<GroupVersionKind, string> Kinds);

    private sealed record Entry(string Package, string Header, IReadOnlyList<string> Fields);

    private static Index ReadIndex()
    {
        using var stream = typeof(BuiltInSchemas).Assembly.GetManifestResourceStream("builtin.schema")
            ?? throw new InvalidOperationException("builtin.schema is not embedded");
        using var reader = new StreamReader(stream);
        Dictionary<string, Entry> types = [];
        Dictionary<GroupVersionKind, string> kinds = [];
        var package = "";
        List<string> fields = [];
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == ' ') fields.Add(line);
            else if (line[0] == '@') package = line[1..];
            else
            {
                fields = [];
                var words = line.Split(' ');
                var name = $"{package}.{words[0]}";
                types.Add(name, new(package, line, fields));
                if (words.FirstOrDefault(w => w.Contains('/')) is { } groupVersion)
                    kinds[GroupVersionKind.Of(groupVersion.TrimStart('/'), words[0])] = name;
            }
        }
        return new(types.ToFrozenDictionary(StringComparer.Ordinal), kinds.ToFrozenDictionary());
    }

    private static SchemaNode Parse(Entry entry)
    {
        Dictionary<string, SchemaNode> properties = new(StringComparer.Ordinal);
        List<string> required = [];
        foreach (var line in entry.Fields)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var code = words[1];
            if (code.EndsWith('!'))
            {
                required.Add(words[0]);
                code = code[..^1];
            }
            properties.Add(words[0], ParseField(code, words.AsSpan(2), entry.Package));
        }
        var header = entry.Header.Split(' ');
        return new()
        {
            Type = SchemaType.Object,
            Properties = properties.ToFrozenDictionary(StringComparer.Ordinal),
            Required = required,
            AtomicMap = header.Contains("atomic"),
            IsResource = header.Any(w => w.Contains('/')),
        };
    }

    private static SchemaNode ParseField(string code, ReadOnlySpan<string> words, string package)
    {
        var (type, format) = Scalar(code);
        var traits = FieldTraits.Parse(words);
        if (code.StartsWith("[]", StringComparison.Ordinal))
        {
            return new()
            {
                Type = SchemaType.Array, Items = ParseField(code[2..], [], package), ListKind = traits.List,
                ListKeys = traits.Keys, Patch = traits.Patch, PatchKey = traits.PatchKey, WireNumber = traits.Wire,
            };
        }
        if (code.StartsWith("{}", StringComparison.Ordinal))
        {
            var values = ParseField(code[2..], [], package);
            return new()
            {
                Type = SchemaType.Object, Values = values, AtomicMap = traits.Atomic, Patch = traits.Patch,
                WireNumber = traits.Wire,
            };
        }
        if (type != SchemaType.Object)
            return new() { Type = type, Format = format, Default = traits.Default, WireNumber = traits.Wire };
        var name = code.Contains('.') ? code : $"{package}.{code}";
        return new()
        {
            Type = SchemaType.Object, Reference = name, Target = new(() => Definition(name)),
            AtomicMap = traits.Atomic, Patch = traits.Patch, WireNumber = traits.Wire,
        };
    }

    private static (SchemaType Type, string Format) Scalar(string code) => code switch
    {
        "s" => (SchemaType.String, ""),
        "i" => (SchemaType.Integer, "int32"),
        "l" => (SchemaType.Integer, "int64"),
        "b" => (SchemaType.Boolean, ""),
        "d" => (SchemaType.Number, "double"),
        "t" => (SchemaType.String, "date-time"),
        "u" => (SchemaType.String, "micro-time"),
        "q" => (SchemaType.String, "quantity"),
        "x" => (SchemaType.String, "int-or-string"),
        "y" => (SchemaType.String, "byte"),
        "*" => (SchemaType.Any, ""),
        _ => (SchemaType.Object, ""),
    };
}

/// <summary>The words after a field's type in <c>builtin.schema</c>.</summary>
internal readonly record struct FieldTraits(
    ListKind List, IReadOnlyList<string> Keys, bool Atomic, PatchStrategies Patch, string PatchKey, JsonNode? Default,
    string Wire)
{
    public static FieldTraits Parse(ReadOnlySpan<string> words)
    {
        var traits = new FieldTraits(ListKind.Atomic, [], false, PatchStrategies.None, "", null, "");
        foreach (var word in words)
        {
            traits = word.Split(':', 2) switch
            {
                ["map", var keys] => traits with { List = ListKind.Map, Keys = keys.Split(',') },
                ["set"] => traits with { List = ListKind.Set },
                ["atomic"] => traits with { Atomic = true },
                ["granular"] => traits,
                ["patch", var key] => traits with { Patch = traits.Patch | PatchStrategies.Merge, PatchKey = key },
                ["replace"] => traits with { Patch = traits.Patch | PatchStrategies.Replace },
                ["retain"] => traits with { Patch = traits.Patch | PatchStrategies.RetainKeys },
                [['#', .. var number]] => traits with { Wire = number },
                [['=', '"', .. var text]] => traits with { Default = JsonValue.Create(text) },
                _ => throw new InvalidOperationException($"builtin.schema: '{word}' is no word of a field"),
            };
        }
        return traits;
    }
}
