using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Naming.Configuration;

/// <summary>The table of plugins: who reads each, in the order in which a query meets them, which is CoreDNS's and not
/// the file's.</summary>
internal static class PluginReaders
{
    public static readonly IReadOnlyList<(string Name, Func<PluginReading, PluginSettings?> Read)> All =
    [
        ("tls", Tls), ("reload", Reload), ("bufsize", Ignored), ("nsid", Ignored), ("bind", Bind), ("debug", Ignored),
        ("ready", Ready), ("health", Health), ("pprof", Ignored), ("prometheus", Prometheus), ("errors", Errors),
        ("log", Log), ("acl", AclReader.Read), ("any", Bare(at => new AnySettings(at))), ("loadbalance", LoadBalance), ("cache", CacheReader.Read),
        ("rewrite", RewriteReader.Read), ("autopath", Autopath), ("minimal", Bare(at => new MinimalSettings(at))), ("template", TemplateReader.Read),
        ("transfer", Transfer), ("hosts", Hosts), ("kubernetes", KubernetesReader.Read), ("loop", Bare(at => new LoopSettings(at))),
        ("forward", ForwardReader.Read),
    ];

    public static int OrderOf(string name)
    {
        for (var i = 0; i < All.Count; i++)
            if (All[i].Name == name) return i;
        return -1;
    }

    /// <summary>A plugin that takes nothing.</summary>
    private static Func<PluginReading, PluginSettings?> Bare(Func<ConfigPosition, PluginSettings> make) => line =>
    {
        line.Bare();
        return make(line.At);
    };

    private static IgnoredSettings Ignored(PluginReading line) => new(line.At, line.Line.Name.Text);

    private static ErrorsSettings Errors(PluginReading line)
    {
        line.Options(new() { ["consolidate"] = _ => { }, ["stacktrace"] = _ => { } });
        return new(line.At);
    }

    private static LogSettings Log(PluginReading line)
    {
        List<string> classes = [];
        line.Options(new()
        {
            ["class"] = option => classes.AddRange(option.Arguments.Select(a => option.Word<string>(
                a, "all", ("all", "all"), ("success", "success"), ("denial", "denial"), ("error", "error")))),
        });
        // After the zones may stand a format, which this server does not take.
        var zones = line.Arguments.TakeWhile(a => !a.Text.Contains('{', StringComparison.Ordinal));
        return new(line.At, line.Zones(zones), classes.Count > 0 ? [.. classes] : ["all"]);
    }

    private static HealthSettings Health(PluginReading line)
    {
        var lameDuck = TimeSpan.Zero;
        line.Options(new() { ["lameduck"] = option => lameDuck = option.Duration(lameDuck) });
        return new(line.At, Address(line, "*:8080"), lameDuck);
    }

    private static ReadySettings Ready(PluginReading line)
    {
        line.Options(new() { ["monitor"] = _ => { } });
        return new(line.At, Address(line, "*:8181"));
    }

    private static PrometheusSettings Prometheus(PluginReading line) => new(line.At, Address(line, "localhost:9153"));

    private static string Address(PluginReading line, string otherwise)
    {
        if (line.Arguments.Count == 0) return otherwise;
        if (line.One() is not { Text: var text }) return otherwise;
        return text.StartsWith(':') ? "*" + text : text;
    }

    private static ReloadSettings Reload(PluginReading line)
    {
        var interval = TimeSpan.FromSeconds(30);
        var jitter = TimeSpan.FromSeconds(15);
        if (line.Arguments.Count > 0) interval = line.Duration(line.Arguments[0], interval);
        jitter = line.Arguments.Count > 1 ? line.Duration(line.Arguments[1], jitter) : interval / 2;
        if (interval < TimeSpan.FromSeconds(1)) line.Complain("an interval of at least 1s is needed");
        return new(line.At, interval, jitter);
    }

    private static LoadBalanceSettings LoadBalance(PluginReading line)
    {
        if (line.Arguments is [{ Text: not "round_robin" } other, ..])
            line.Complain(other, $"'{other}': round_robin is the only policy here");
        return new(line.At);
    }

    private static BindSettings Bind(PluginReading line)
    {
        var addresses = ImmutableArray.CreateBuilder<IpAddress>();
        foreach (var word in line.Arguments)
        {
            if (IpAddress.TryParse(word.Text, out var address)) addresses.Add(address);
            else line.Complain(word, $"'{word}' is not an IP address (names of devices are not taken)");
        }
        return new(line.At, addresses.ToImmutable());
    }

    private static TlsSettings? Tls(PluginReading line)
    {
        if (line.Arguments.Count >= 2) return new(line.At, line.Arguments[0].Text, line.Arguments[1].Text);
        line.Complain("takes the files of a certificate and of its key");
        return null;
    }

    private static AutopathSettings? Autopath(PluginReading line)
    {
        if (line.Arguments.Count == 0)
        {
            line.Complain("takes zones and @kubernetes or a resolv.conf");
            return null;
        }
        var last = line.Arguments[^1].Text;
        return new(line.At, line.Zones(line.Arguments.SkipLast(1)), last == "@kubernetes" ? null : last);
    }

    private static TransferSettings Transfer(PluginReading line)
    {
        var to = ImmutableArray.CreateBuilder<Prefix>();
        var everyone = false;
        line.Options(new()
        {
            ["to"] = option =>
            {
                foreach (var word in option.Arguments)
                {
                    if (word.Text == "*") everyone = true;
                    else if (AclReader.Network(word.Text) is { } network) to.Add(network);
                    else option.Complain(word, $"'{word}' is neither an address, a network nor *");
                }
            },
        });
        if (!everyone && to.Count == 0) line.Complain("needs 'to *' or 'to ADDRESS'");
        return new(line.At, line.Zones(line.Arguments), everyone ? [] : to.ToImmutable());
    }

    private static HostsSettings Hosts(PluginReading line)
    {
        const uint defaultTtl = 3600;
        var (ttl, noReverse, reload, fallthrough) = (defaultTtl, false, TimeSpan.FromSeconds(5), Fallthrough.None);
        List<string> lines = [];
        var options = new Dictionary<string, Action<PluginReading>>
        {
            ["fallthrough"] = option => fallthrough = option.Fallthrough(),
            ["no_reverse"] = _ => noReverse = true,
            ["reload"] = option => reload = option.Duration(reload),
            ["ttl"] = option => ttl = option.Number(1, 65535, ttl),
        };
        // A line that begins with an address is an entry.
        foreach (var entry in line.Line.Body.Where(IsEntry))
            lines.Add(string.Join(' ', entry.Arguments.Select(a => a.Text).Prepend(entry.Name.Text)));
        line.With(line.Line.Body.Where(b => !IsEntry(b))).Options(options);
        var file = line.Arguments is [{ Text: var first }, ..] && first.Contains('/', StringComparison.Ordinal) ? first : null;
        if (file is null && lines.Count == 0 && line.Arguments.Count == 0) file = "/etc/hosts";
        return new(
            line.At, file, line.Zones(line.Arguments.Skip(file is null || line.Arguments.Count == 0 ? 0 : 1)), [.. lines],
            ttl, noReverse, reload, fallthrough);
    }

    private static bool IsEntry(ConfigDirective line) => IpAddress.TryParse(line.Name.Text, out _);
}
