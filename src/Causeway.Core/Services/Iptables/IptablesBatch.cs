using Causeway.Core.Addressing;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Services.Iptables;

/// <summary>
/// Changes of the services' chains in nat as transactions of nftables, for tables that <c>iptables-nft</c> made. The tool
/// reads the chains of a table before it changes one, and for ten thousand services at once it takes minutes.
/// </summary>
public static class IptablesBatch
{
    /// <summary>What one transaction may hold, in bytes: the kernel works through it without a pause.</summary>
    private const int Most = 8 * 1024 * 1024;

    /// <summary>Whether a chain's rules are of the kinds that are known here.</summary>
    public static bool Knows(ChainKey chain) =>
        ProxyChains.OwnsPort(chain) || chain == ProxyChains.Services || chain == ProxyChains.NodePorts;

    /// <summary>
    /// Hands the change to <paramref name="commit"/>: as one transaction, unless there is too much for one; then the
    /// chains that all services share come last, and no chain is ever half written. False, with nothing done, where the
    /// change needs the tool: rules that are to be found among others, other tables and chains.
    /// </summary>
    public static bool TryCommit(IpFamily family, IptablesChange change, Action<NetlinkWriter> commit)
    {
        if (change.Removed.Count > 0 || !change.Gone.All(Knows)
            || !change.Written.All(c => Knows(c.Chain) && c.Rules.All(r => XtRule.TryParse(r, family, out _)))
            || !change.Added.All(r => Knows(r.Chain) && XtRule.TryParse(r.Rule, family, out _))) return false;
        // Read twice: to keep all rules of ten thousand services in parts takes far more memory than to read them again.
        NetlinkWriter writer = new(16 * 1024);
        NftRuleWriter rules = new(writer, family, ProxyChains.Nat);
        NetfilterCodec.WriteBegin(writer);
        // All chains first: rules go to them.
        foreach (var chain in change.Written) rules.AddChain(chain.Chain.Name);
        foreach (var (chain, texts) in change.Written.OrderBy(c => ProxyChains.Shared.Contains(c.Chain)))
        {
            rules.Flush(chain.Name);
            foreach (var text in texts) Write(rules, chain.Name, text, atHead: false);
            if (writer.Length < Most) continue;
            NetfilterCodec.WriteEnd(writer);
            commit(writer);
            writer.Clear();
            NetfilterCodec.WriteBegin(writer);
        }
        foreach (var (chain, text) in change.Added) Write(rules, chain.Name, text, atHead: true);
        foreach (var chain in change.Gone) rules.RemoveChain(chain.Name);
        NetfilterCodec.WriteEnd(writer);
        commit(writer);
        return true;
    }

    private static void Write(NftRuleWriter rules, string chain, string text, bool atHead)
    {
        if (XtRule.TryParse(text, rules.Family, out var rule)) rule.Write(rules, chain, atHead);
    }
}
