using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Iptables;

/// <summary>What to do to the kernel to follow a change.</summary>
/// <param name="Written">Chains with all their rules: made, or rewritten.</param>
/// <param name="Gone">Chains that nothing goes to any more.</param>
public sealed record IptablesChange(
    IReadOnlyList<ChainRules> Written, IReadOnlyList<ChainKey> Gone,
    IReadOnlyList<SharedRule> Removed, IReadOnlyList<SharedRule> Added)
{
    /// <summary>Those that it touches.</summary>
    public IEnumerable<ChainKey> Chains =>
        Written.Select(c => c.Chain).Concat(Gone).Concat(Removed.Concat(Added).Select(r => r.Chain));

    public bool IsEmpty => Written.Count + Gone.Count + Removed.Count + Added.Count == 0;
}

/// <summary>
/// One family's services as iptables, kept up to date plan by plan; a change costs what the changed plans hold.
/// Plans are kept, and rules made of them when they are wanted: the rules of many services are much text. Not safe
/// for use from several threads.
/// </summary>
public sealed class IptablesServices(IpFamily family)
{
    /// <summary>From so many on a shared chain is rewritten, since the kernel's tool looks for each rule that is to be
    /// removed.</summary>
    private const int RewriteFrom = 64;

    private readonly SortedDictionary<ServicePortKey, ServicePortPlan> _ports = [];

    // As they were at the last take; null: not there.
    private readonly Dictionary<ServicePortKey, ServicePortPlan?> _before = [];

    public IpFamily Family => family;

    /// <summary>What all share. After a change of it, compare with the kernel: <see cref="IptablesRepair"/>.</summary>
    public ServicesScope Scope { get; set; } = new();

    /// <summary>A port's plan as it is now, or null when it is no more; other families are ignored.</summary>
    public void Set(ServicePortKey key, ServicePortPlan? plan)
    {
        if (key.Family != family) return;
        _before.TryAdd(key, _ports.GetValueOrDefault(key));
        if (plan is null) _ports.Remove(key);
        else _ports[key] = plan;
    }

    /// <summary>What changed since the last call.</summary>
    public IptablesChange Take()
    {
        Dictionary<ChainKey, IReadOnlyList<string>> chainsBefore = [], chainsNow = [];
        Dictionary<SharedRule, int> shared = [];
        foreach (var (key, before) in _before)
        {
            var now = _ports.GetValueOrDefault(key);
            if (Equals(before, now)) continue;
            Note(before, chainsBefore, -1);
            Note(now, chainsNow, 1);
        }
        _before.Clear();
        var rewritten = shared.Where(s => s.Value < 0).CountBy(s => s.Key.Chain)
            .Where(c => c.Value >= RewriteFrom).Select(c => c.Key).ToHashSet();
        return new(
            [
                .. rewritten.Order().Select(SharedChain),
                .. chainsNow.Where(c => !Same(c.Value, chainsBefore.GetValueOrDefault(c.Key)))
                    .OrderBy(c => c.Key).Select(c => new ChainRules(c.Key, c.Value)),
            ],
            [.. chainsBefore.Keys.Where(c => !chainsNow.ContainsKey(c)).Order()],
            Rules(-1), Rules(1));

        void Note(ServicePortPlan? plan, Dictionary<ChainKey, IReadOnlyList<string>> chains, int sign)
        {
            if (plan is null) return;
            var rules = PortRendering.Of(plan, Scope);
            foreach (var chain in rules.Chains) chains[chain.Chain] = chain.Rules;
            foreach (var rule in rules.Shared) shared[rule] = shared.GetValueOrDefault(rule) + sign;
        }

        List<SharedRule> Rules(int sign) =>
        [
            .. shared.Where(s => s.Value * sign > 0 && !rewritten.Contains(s.Key.Chain))
                .SelectMany(s => Enumerable.Repeat(s.Key, s.Value * sign))
                .OrderBy(r => r.Chain).ThenBy(r => r.Rule, StringComparer.Ordinal),
        ];
    }

    /// <summary>Every chain as it should be, those of all services first.</summary>
    public IEnumerable<ChainRules> Chains()
    {
        foreach (var chain in ProxyChains.Fixed(family, Scope)) yield return chain;
        var shared = ProxyChains.Shared.ToDictionary(c => c, _ => new List<string>());
        foreach (var plan in _ports.Values)
            foreach (var rule in PortRendering.Of(plan, Scope).Shared) shared[rule.Chain].Add(rule.Rule);
        foreach (var (chain, rules) in shared)
            yield return new(chain, [.. rules, .. ProxyChains.Tail(chain, family, Scope)]);
        foreach (var plan in _ports.Values)
            foreach (var chain in PortRendering.Of(plan, Scope).Chains) yield return chain;
    }

    private ChainRules SharedChain(ChainKey chain) => new(chain,
    [
        .. _ports.Values.SelectMany(p => PortRendering.Of(p, Scope).Shared).Where(r => r.Chain == chain)
            .Select(r => r.Rule),
        .. ProxyChains.Tail(chain, family, Scope),
    ]);

    private static bool Same(IReadOnlyList<string> left, IReadOnlyList<string>? right) =>
        right is not null && left.SequenceEqual(right);
}
