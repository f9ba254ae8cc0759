using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Ipvs;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netfilter;

namespace Causeway.Agent.Proxy;

/// <summary>The iptables rules beside IPVS, of one family.</summary>
internal sealed class IpvsRuleWriter(IpFamily family, IptablesTool iptables)
{
    private static readonly string[] Tables = ["nat", "filter"];
    private static readonly HashSet<string> OurChains = [.. IpvsRules.Chains.Select(c => c.Chain)];

    private readonly OwnChanges _ours = new();

    // As the tool shows what we wrote: its words are not ours.
    private string[]? _written;
    private string? _plan;

    /// <summary>Whether a change came from here, by the socket that made it.</summary>
    public bool Wrote(uint port) => _ours.Contains(port);

    public bool AreIntact() => _written is not null && Read().SequenceEqual(_written);

    /// <summary>Makes the rules as planned; what was not as last written, one line each.</summary>
    public IReadOnlyList<string> Write(ServicesScope scope, IEnumerable<IpvsKey> barred)
    {
        var before = Read();
        var plan = IpvsRules.Script(family, scope, barred, []);
        var expected = _written;
        if (expected is not null && plan == _plan && before.SequenceEqual(expected)) return [];
        var missing = IpvsRules.Jumps.Where(j => !before.Any(l => IsJump(l, j))).ToList();
        _ours.Add(iptables.Restore(family, IpvsRules.Script(family, scope, barred, missing)));
        (_plan, _written) = (plan, Read());
        if (expected is null) return [];
        return [.. expected.Except(before).Select(l => $"iptables rule '{l}' was not there"),
            .. before.Except(expected).Select(l => $"iptables rule '{l}' was there")];
    }

    public void Remove()
    {
        foreach (var table in Tables)
        {
            var lines = iptables.SaveLines(family, table);
            var chains = IpvsRules.Chains.Where(c => c.Table == table).Select(c => c.Chain).ToHashSet();
            var jumps = lines.Where(l => IpvsRules.Jumps.Any(j => j.Table == table && IsJump($"{table} {l}", j)));
            // A chain that somebody else's rule goes to stays, empty.
            var used = lines.Where(l => l.StartsWith("-A ", StringComparison.Ordinal) && !chains.Contains(l.Split(' ')[1]))
                .Except(jumps).Select(TargetOf).ToHashSet();
            iptables.Restore(family, string.Join('\n',
            [
                $"*{table}", .. chains.Select(c => $":{c} - [0:0]"), .. jumps.Select(l => "-D" + l[2..]),
                .. chains.Where(c => !used.Contains(c)).Select(c => $"-X {c}"), "COMMIT", "",
            ]));
        }
        _written = null;
    }

    // Our chains' rules and the jumps to them, with the table before each.
    private string[] Read() =>
    [
        .. Tables.SelectMany(table => iptables.SaveLines(family, table).Select(line => $"{table} {line}"))
            .Where(l => l.Split(' ') is [_, "-A", var chain, ..]
                && (OurChains.Contains(chain) || IpvsRules.Jumps.Any(j => IsJump(l, j)))),
    ];

    private static bool IsJump(string line, IpvsJump jump) =>
        line.StartsWith($"{jump.Table} -A {jump.From} ", StringComparison.Ordinal)
        && line.EndsWith($" -j {jump.To}", StringComparison.Ordinal);

    private static string TargetOf(string rule)
    {
        var words = rule.Split(' ');
        var at = Array.FindLastIndex(words, w => w is "-j" or "-g");
        return at < 0 || at + 1 >= words.Length ? "" : words[at + 1];
    }
}
