using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Naming.Configuration;

/// <summary>The table of plugins: who reads each, in the order in which a query meets them. It is CoreDNS's, and not
/// the file's, but for one: the cache stands behind what changes the question, so that what <c>autopath</c> asks on its
/// walk is remembered by its own name.</summary>
internal static class PluginReaders
{
    public static readonly IReadOnlyList<(string Name, Func<PluginReading, PluginSettings?> Read)> All =
    [
        ("tls", TlsReader.Read), ("reload", Reload), ("bufsize", Ignored), ("nsid", Ignored), ("bind", Bind),
        ("debug", Ignored), ("ready", Ready), ("health", Health), ("pprof", Ignored), ("prometheus", Prometheus),
        ("errors", Errors), ("log", Log), ("acl", AclReader.Read), ("any", Bare(at => new AnySettings(at))),
        ("loadbalance", LoadBalance), ("rewrite", RewriteReader.Read), ("autopath", Autopath), ("cache", CacheReader.Read),
        ("minimal", Bare(at => new MinimalSettings(at))), ("template", TemplateReader.Read), ("transfer", Transfer),
        ("hosts", HostsReader.Read), ("kubernetes", KubernetesReader.Read), ("loop", Bare(at => new LoopSettings(at))),
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
        // A server that fails is told once, and again when it is well: there is nothing to consolidate.
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
        // What was ready stays so here, however often it is asked.
        line.Options(new()
        {
            ["monitor"] = option => option.Word(option.One(), true, ("until-ready", true), ("continuously", true)),
        });
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
        return new(line.At, interval, jitter > interval / 2 ? interval / 2 : jitter);
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
}
