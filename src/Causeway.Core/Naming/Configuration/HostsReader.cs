using Causeway.Core.Addressing;

namespace Causeway.Core.Naming.Configuration;

internal static class HostsReader
{
    public static HostsSettings Read(PluginReading line)
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
