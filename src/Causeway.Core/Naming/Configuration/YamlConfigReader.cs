using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Causeway.Core.Naming.Configuration;

/// <summary>
/// Our own form of the same configuration, in YAML: a list of <c>servers</c>, each with <c>zones</c>, a <c>port</c> and
/// <c>plugins</c> by name. Gives the blocks that a Corefile gives, so that all else is read and checked once.
/// </summary>
internal sealed class YamlConfigReader(string file, Action<ConfigProblem> complain)
{
    /// <summary>The fields of a plugin that a Corefile writes behind its name, in their order.</summary>
    private static readonly Dictionary<string, string[]> Positional = new(StringComparer.Ordinal)
    {
        ["kubernetes"] = ["zones"], ["forward"] = ["from", "to"], ["cache"] = ["ttl", "zones"], ["hosts"] = ["file", "zones"],
        ["log"] = ["zones"], ["acl"] = ["zones"], ["transfer"] = ["zones"], ["autopath"] = ["zones", "search"],
        ["template"] = ["class", "type", "zones"], ["tls"] = ["certificate", "key", "authority"], ["bind"] = ["addresses"],
        ["health"] = ["address"], ["ready"] = ["address"], ["prometheus"] = ["address"], ["reload"] = ["interval", "jitter"],
        ["loadbalance"] = ["policy"],
    };

    /// <summary>What stands for a field that is not written.</summary>
    private static readonly Dictionary<(string Plugin, string Field), string> Implied = new()
    {
        [("forward", "from")] = ".", [("template", "class")] = "IN", [("template", "type")] = "ANY",
    };

    /// <summary>Fields whose items are lines of the plugin's braces.</summary>
    private static readonly string[] Bodies = ["entries", "rules"];

    /// <summary>Options of which each item is a line of its own.</summary>
    private static readonly string[] Repeated = ["answer", "additional", "authority"];

    public static bool IsYaml(string file) =>
        file.EndsWith(".yaml", StringComparison.Ordinal) || file.EndsWith(".yml", StringComparison.Ordinal);

    public List<ConfigBlock> Read(string text)
    {
        if (!YamlText.TryLoad(text, out var documents, out var fault))
        {
            complain(new(fault.At is { } at ? At(at) : new(file, 1, 1), $"not valid YAML: {fault.Cause}"));
            return [];
        }
        if (documents is not [{ RootNode: YamlMappingNode root }])
        {
            complain(new(new(file, 1, 1), "one mapping is expected, with a list of servers"));
            return [];
        }
        List<ConfigBlock> blocks = [];
        foreach (var (name, value) in Fields(root))
        {
            if (name.Text == "servers" && value is YamlSequenceNode servers)
                blocks.AddRange(servers.Select(Server).OfType<ConfigBlock>());
            else
                complain(new(name.At, name.Text == "servers"
                    ? "servers: a list is expected"
                    : $"'{name}' is unknown here; servers is what there is"));
        }
        return blocks;
    }

    private ConfigBlock? Server(YamlNode node)
    {
        if (node is not YamlMappingNode mapping)
        {
            complain(new(At(node.Start), "a server is a mapping with zones, port and plugins"));
            return null;
        }
        List<ConfigToken> zones = [];
        List<ConfigDirective> plugins = [];
        ConfigToken? port = null;
        foreach (var (name, value) in Fields(mapping))
        {
            switch (name.Text)
            {
                case "zones": zones.AddRange(Words(value)); break;
                case "port": port = Words(value).FirstOrDefault(); break;
                case "plugins" when value is YamlMappingNode all:
                    plugins.AddRange(Fields(all).SelectMany(field => Plugin(field.Name, field.Value)));
                    break;
                default: complain(new(name.At, $"'{name}' is not zones, port, or a mapping of plugins")); break;
            }
        }
        if (zones.Count == 0) zones.Add(new(".", At(node.Start)));
        return new(
            port is { } at ? zones.ConvertAll(z => z with { Text = $"{z.Text}:{at.Text}" }) : zones, plugins);
    }

    /// <summary>One line, or one for each item of a list that has texts of several words or mappings.</summary>
    private IEnumerable<ConfigDirective> Plugin(ConfigToken name, YamlNode value)
    {
        switch (value)
        {
            case YamlMappingNode mapping:
                yield return Mapping(name, mapping);
                break;
            case YamlSequenceNode { Children: var items } when items.Any(i => i is YamlMappingNode || Words(i).Count() > 1):
                foreach (var line in items.SelectMany(item => Plugin(name, item))) yield return line;
                break;
            case YamlScalarNode { Value: "false" }:
                break;
            default:
                yield return new(name, [.. Arguments(value)], []);
                break;
        }
    }

    private ConfigDirective Mapping(ConfigToken name, YamlMappingNode mapping)
    {
        var positional = Positional.GetValueOrDefault(name.Text, []);
        var fields = Fields(mapping).ToList();
        List<ConfigToken> arguments = [];
        foreach (var place in positional)
        {
            var found = fields.Find(f => f.Name.Text == place);
            if (found.Value is not null) arguments.AddRange(Words(found.Value));
            else if (Implied.TryGetValue((name.Text, place), out var implied)) arguments.Add(name with { Text = implied });
        }
        return new(name, arguments, [.. fields.Where(f => !positional.Contains(f.Name.Text)).SelectMany(f => Option(f.Name, f.Value))]);
    }

    private IEnumerable<ConfigDirective> Option(ConfigToken name, YamlNode value)
    {
        if (Bodies.Contains(name.Text))
            return Items(value).Select(item => Words(item).ToList()).Where(words => words.Count > 0)
                .Select(words => new ConfigDirective(words[0], words[1..], []));
        if (Repeated.Contains(name.Text))
            return Items(value).Select(item => new ConfigDirective(name, [.. Words(item)], []));
        return value is YamlScalarNode { Value: "false" } ? [] : [new(name, [.. Arguments(value)], [])];
    }

    private static IEnumerable<YamlNode> Items(YamlNode value) => value is YamlSequenceNode many ? many.Children : [value];

    /// <summary>The words; none of <c>true</c>, which only says that it is wanted.</summary>
    private IEnumerable<ConfigToken> Arguments(YamlNode value) =>
        value is YamlScalarNode { Value: "true" } ? [] : Words(value);

    private IEnumerable<ConfigToken> Words(YamlNode value)
    {
        foreach (var item in Items(value))
        {
            if (item is YamlScalarNode scalar)
                foreach (var word in (scalar.Value ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    yield return new(word, At(item.Start));
            else
                complain(new(At(item.Start), "a value or a list of values is expected here"));
        }
    }

    private IEnumerable<(ConfigToken Name, YamlNode Value)> Fields(YamlMappingNode mapping)
    {
        foreach (var (key, value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: { } name }) yield return (new(name, At(key.Start)), value);
            else complain(new(At(key.Start), "a name is expected here"));
        }
    }

    private ConfigPosition At(Mark mark) => new(file, (int)mark.Line, (int)mark.Column);
}
