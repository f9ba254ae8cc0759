using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Services.Iptables;

namespace Causeway.Core.Tests.Services;

/// <summary>Tables that carry out scripts of <c>iptables-restore --noflush</c> as the kernel's tool does.</summary>
internal sealed class IptablesTables
{
    private static readonly Dictionary<string, string[]> BuiltIn = new()
    {
        ["filter"] = ["INPUT", "FORWARD", "OUTPUT"], ["nat"] = ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
    };

    private readonly Dictionary<ChainKey, List<string>> _chains = BuiltIn
        .SelectMany(t => t.Value.Select(c => new ChainKey(t.Key, c))).ToDictionary(c => c, _ => new List<string>());

    public IReadOnlyDictionary<ChainKey, List<string>> Chains => _chains;

    public void Restore(string script)
    {
        var table = "";
        foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line == "COMMIT") Check(table);
            else if (line[0] == '*') table = line[1..];
            else if (line[0] == ':') _chains[new(table, line[1..].Split(' ')[0])] = [];
            else Carry(table, line);
        }
    }

    public List<IptablesTable> Read() => [.. BuiltIn.Keys.SelectMany(t => IptablesSave.Parse(Save(t), IpFamily.V4))];

    /// <summary>As the tool prints it.</summary>
    public string Save(string table)
    {
        StringBuilder text = new($"*{table}\n");
        var chains = _chains.Where(c => c.Key.Table == table)
            .OrderBy(c => !BuiltIn[table].Contains(c.Key.Name)).ThenBy(c => c.Key).ToList();
        foreach (var (chain, _) in chains)
            text.Append($":{chain.Name} {(BuiltIn[table].Contains(chain.Name) ? "ACCEPT" : "-")} [0:0]\n");
        foreach (var (chain, rules) in chains)
            foreach (var rule in rules) text.Append($"-A {chain.Name} {Rounded(rule)}\n");
        return text.Append("COMMIT\n").ToString();
    }

    private void Carry(string table, string line)
    {
        var words = line.Split(' ', 3);
        ChainKey chain = new(table, words[1]);
        switch (words[0])
        {
            case "-A":
                _chains[chain].Add(words[2]);
                break;
            case "-I":
                _chains[chain].Insert(0, words[2]);
                break;
            case "-D":
                Assert.True(_chains[chain].Remove(words[2]), line);
                break;
            case "-X":
                Assert.Empty(_chains[chain]);
                Assert.DoesNotContain(
                    _chains.Where(c => c.Key.Table == table).SelectMany(c => c.Value), r => r.EndsWith($"-j {words[1]}"));
                _chains.Remove(chain);
                break;
            default:
                throw new FormatException(line);
        }
    }

    private void Check(string table)
    {
        foreach (var rule in _chains.Where(c => c.Key.Table == table).SelectMany(c => c.Value))
        {
            var at = rule.IndexOf("-j KUBE-", StringComparison.Ordinal);
            if (at >= 0) Assert.Contains(new(table, rule[(at + 3)..]), (IReadOnlyDictionary<ChainKey, List<string>>)_chains);
        }
    }

    private static string Rounded(string rule)
    {
        const string word = "--probability ";
        var at = rule.IndexOf(word, StringComparison.Ordinal);
        if (at < 0) return rule;
        var end = rule.IndexOf(' ', at + word.Length);
        var share = double.Parse(rule[(at + word.Length)..end], CultureInfo.InvariantCulture);
        var saved = (uint)(share * 0x80000000 + 0.5) / (double)0x80000000;
        return rule[..(at + word.Length)] + saved.ToString("F11", CultureInfo.InvariantCulture) + rule[end..];
    }
}
