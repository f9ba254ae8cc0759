using System.Globalization;
using Causeway.Core.Dataplane.Iptables;

namespace Causeway.Core.Services.Iptables;

/// <summary>What makes a kernel's tables as planned, or free of us, given what <c>iptables-save</c> says of
/// them.</summary>
/// <param name="Script">For <c>iptables-restore --noflush</c>; empty when there is nothing to do.</param>
/// <param name="Batch">What <see cref="IptablesBatch"/> takes, to be done after the script; empty unless asked for.</param>
/// <param name="Differences">What was not as it should be, one line each.</param>
public sealed record IptablesRepair(string Script, IptablesChange Batch, IReadOnlyList<string> Differences)
{
    private const string Probability = "--probability ";

    /// <param name="batch">Whether the chains of the services themselves are left to <see cref="Batch"/>.</param>
    /// <param name="pending">Not brought to the kernel yet: what differs for that is no difference.</param>
    public static IptablesRepair Of(
        IptablesServices services, IReadOnlyList<IptablesTable> kernel, bool batch = false, IptablesChange? pending = null)
    {
        HashSet<ChainKey> expected = [.. pending?.Chains ?? []];
        List<ChainRules> written = [];
        List<ChainKey> gone = [];
        var present = Present(kernel);
        IptablesScript script = new();
        List<string> differences = [];
        HashSet<ChainKey> wanted = [];
        foreach (var chain in services.Chains())
        {
            wanted.Add(chain.Chain);
            var tail = ProxyChains.Tail(chain.Chain, services.Family, services.Scope).Count;
            if (Difference(chain, Lines(chain.Chain), tail) is not { } difference) continue;
            if (!expected.Contains(chain.Chain)) differences.Add(difference);
            if (!batch || !IptablesBatch.Knows(chain.Chain))
            {
                script.Write(chain);
                continue;
            }
            written.Add(chain);
            // The script's jumps go there.
            if (!present.ContainsKey(chain.Chain) && ProxyChains.Shared.Contains(chain.Chain))
                script.Write(new(chain.Chain, []));
        }
        foreach (var jump in ProxyChains.Jumps)
        {
            if (Lines(jump.Chain)?.Contains(jump.Rule) == true) continue;
            script.Insert(jump);
            differences.Add($"{jump.Chain}: '{jump.Rule}' was not there");
        }
        foreach (var stale in present.Keys.Where(c => ProxyChains.Owns(c) && !wanted.Contains(c)).Order())
        {
            if (batch && IptablesBatch.Knows(stale)) gone.Add(stale);
            else script.Delete(stale);
            if (!expected.Contains(stale)) differences.Add($"{stale} is of no service");
        }
        return new(script.ToString(), new(written, gone, [], []), differences);

        List<string>? Lines(ChainKey chain) => present.TryGetValue(chain, out var found) ? [.. RulesOf(found)] : null;
    }

    /// <summary>Takes everything of ours out of the tables that carry our mark. Chains of the same names without the
    /// mark are another proxy's, and stay.</summary>
    public static IptablesRepair Removal(IReadOnlyList<IptablesTable> kernel)
    {
        var present = Present([.. kernel.Where(t => t.Chains.Any(c => c.Name == ProxyChains.Mark))]);
        IptablesScript script = new();
        var jumps = ProxyChains.Jumps.ToHashSet();
        foreach (var (chain, rules) in present.OrderBy(c => c.Key))
        {
            foreach (var rule in RulesOf(rules).Select(r => new SharedRule(chain, r)).Where(jumps.Contains))
                script.Remove(rule);
            if (ProxyChains.Owns(chain)) script.Delete(chain);
        }
        return new(script.ToString(), new([], [], [], []), []);
    }

    /// <param name="tail">How many rules must be the last; the others may stand in any order where the chain is
    /// shared.</param>
    private static string? Difference(ChainRules wanted, List<string>? present, int tail)
    {
        if (present is null) return $"{wanted.Chain} was not there";
        string[] rules = [.. wanted.Rules.Select(AsSaved)];
        if (rules.AsSpan().SequenceEqual(present.ToArray())) return null;
        if (present.Except(rules).FirstOrDefault() is { } extra) return $"{wanted.Chain}: '{extra}' was there";
        if (rules.Except(present).FirstOrDefault() is { } missing)
            return $"{wanted.Chain}: '{missing}' was not there";
        if (rules.Length != present.Count) return $"{wanted.Chain}: a rule was there twice";
        var free = ProxyChains.Shared.Contains(wanted.Chain);
        return free && rules[^tail..].AsSpan().SequenceEqual(present.ToArray().AsSpan(present.Count - tail))
            ? null : $"{wanted.Chain}: the rules were in another order";
    }

    /// <summary>With the probability that the kernel makes of the one that is asked for.</summary>
    private static string AsSaved(string rule)
    {
        var at = rule.IndexOf(Probability, StringComparison.Ordinal);
        if (at < 0) return rule;
        at += Probability.Length;
        var end = rule.IndexOf(' ', at);
        double parts = XtInformation.Parts(double.Parse(rule.AsSpan(at..end), CultureInfo.InvariantCulture));
        return string.Create(
            CultureInfo.InvariantCulture, $"{rule.AsSpan(0, at)}{parts / 0x80000000:F11}{rule.AsSpan(end)}");
    }

    // Read chain by chain: all rules of a large cluster at once are much memory.
    private static Dictionary<ChainKey, IptablesChain> Present(IReadOnlyList<IptablesTable> kernel)
    {
        Dictionary<ChainKey, IptablesChain> present = [];
        foreach (var table in kernel)
            foreach (var chain in table.Chains) present[new(table.Name, chain.Name)] = chain;
        return present;
    }

    private static IEnumerable<string> RulesOf(IptablesChain chain)
    {
        var start = "-A  ".Length + chain.Name.Length;
        return chain.Lines.Select(line => line.Length < start ? "" : line[start..]);
    }
}
