using System.Collections.Immutable;
using System.Globalization;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

/// <summary>Where a server answers, and for which names.</summary>
public readonly record struct ServerKey(DnsName Zone, DnsTransport Transport, ushort Port)
{
    public const ushort DefaultPort = 53;
    public const ushort DefaultTlsPort = 853;
}

/// <summary>One server.</summary>
/// <param name="Plugins">In the order in which a query meets them.</param>
public sealed record ServerBlock(ImmutableArray<ServerKey> Keys, ImmutableArray<PluginSettings> Plugins)
{
    public T? Find<T>() where T : PluginSettings => Plugins.OfType<T>().FirstOrDefault();
}

/// <summary>What a DNS server does. Read from a Corefile, as CoreDNS reads it, or from YAML.</summary>
public sealed record DnsConfiguration(ImmutableArray<ServerBlock> Servers)
{
    /// <summary>The plugins that may stand several times in one server.</summary>
    private static readonly string[] Repeatable = ["rewrite", "acl", "template", "log", "transfer", "hosts", "forward", "cache"];

    /// <summary>What is served without a configuration: the cluster's names, and what the machine's own servers know.</summary>
    public const string DefaultText = """
        .:53 {
            errors
            health {
                lameduck 5s
            }
            ready
            kubernetes cluster.local in-addr.arpa ip6.arpa {
                pods insecure
                fallthrough in-addr.arpa ip6.arpa
                ttl 30
            }
            prometheus :9153
            forward . /etc/resolv.conf {
                max_concurrent 1000
            }
            cache 30
            loop
            reload
            loadbalance
        }
        """;

    /// <summary>Reads a whole Corefile, or our own form in a file that is called <c>.yaml</c>. With problems the result is what is left without them.</summary>
    public static (DnsConfiguration Configuration, ImmutableArray<ConfigProblem> Problems) Read(
        string file, string text, ConfigEnvironment environment)
    {
        List<ConfigProblem> problems = [];
        var blocks = YamlConfigReader.IsYaml(file)
            ? new YamlConfigReader(file, problems.Add).Read(text)
            : new CorefileReader(environment, problems.Add).Read(file, text);
        Dictionary<ServerKey, ConfigPosition> seen = [];
        var servers = blocks.Select(b => Server(b, environment, seen, problems.Add)).ToImmutableArray();
        if (blocks.Count == 0 && problems.Count == 0) problems.Add(new(new(file, 1, 1), "no server is configured"));
        return (new(servers), [.. problems.OrderBy(p => (p.At.File, p.At.Line, p.At.Column))]);
    }

    private static ServerBlock Server(
        ConfigBlock block, ConfigEnvironment environment, Dictionary<ServerKey, ConfigPosition> seen,
        Action<ConfigProblem> complain)
    {
        var keys = ImmutableArray.CreateBuilder<ServerKey>();
        foreach (var word in block.Keys)
        {
            foreach (var key in Keys(word, complain))
            {
                if (!seen.TryAdd(key, word.At)) complain(new(word.At, $"'{word}' is served already, from {seen[key]}"));
                keys.Add(key);
            }
        }
        List<(int Order, PluginSettings Settings)> plugins = [];
        HashSet<string> names = [];
        foreach (var directive in block.Directives)
        {
            var name = directive.Name.Text;
            var order = PluginReaders.OrderOf(name);
            if (order < 0)
                complain(new(directive.Name.At, $"there is no plugin '{name}'"
                    + PluginReading.Known(name, PluginReaders.All.Select(p => p.Name))));
            else if (!names.Add(name) && !Repeatable.Contains(name))
                complain(new(directive.Name.At, $"'{name}' stands twice in one server"));
            else if (PluginReaders.All[order].Read(new(directive, environment, complain)) is { } settings)
                plugins.Add((order, settings));
        }
        if (block.Keys.FirstOrDefault(k => k.Text.StartsWith("tls://", StringComparison.Ordinal)) is { Text: not null } secure
            && !names.Contains("tls"))
            complain(new(secure.At, $"'{secure}' needs 'tls CERTIFICATE KEY': the files, in PEM, by which it proves who it is"));
        ServerBlock server = new(keys.ToImmutable(), [.. plugins.OrderBy(p => p.Order).Select(p => p.Settings)]);
        if (server.Find<AutopathSettings>() is { ResolvConf: null } autopath && !names.Contains("kubernetes"))
            complain(new(autopath.At, "autopath: @kubernetes needs the plugin kubernetes in the same server"));
        return server;
    }

    private static List<ServerKey> Keys(ConfigToken word, Action<ConfigProblem> complain)
    {
        var (text, transport, port) = (word.Text, DnsTransport.Udp, ServerKey.DefaultPort);
        if (text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme)
        {
            switch (text[..scheme])
            {
                case "dns": break;
                case "tls": (transport, port) = (DnsTransport.Tls, ServerKey.DefaultTlsPort); break;
                default:
                    complain(new(word.At, $"'{text[..scheme]}://' is not served here; dns:// and tls:// are"));
                    return [];
            }
            text = text[(scheme + 3)..];
        }
        if (text.LastIndexOf(':') is >= 0 and var colon
            && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var given))
        {
            port = given;
            text = text[..colon];
        }
        if (text.Length == 0) text = ".";
        if (ConfigValues.Zones(text, out var error) is { } zones) return [.. zones.Select(z => new ServerKey(z, transport, port))];
        complain(new(word.At, $"{error} (a server is named by zones, such as . or example.org:53)"));
        return [];
    }
}
