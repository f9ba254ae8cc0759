using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Trace;

internal enum NftOutcomeKind
{
    /// <summary>No rule decided: the calling chain goes on, a base chain applies its policy.</summary>
    FallThrough,
    Accept,
    Drop,
    Reject,
    Masquerade,
    Unknown,
}

/// <param name="Quote">Where it was decided, in nft's words; empty when no rule decided.</param>
internal readonly record struct NftOutcome(NftOutcomeKind Kind, string Quote);

/// <summary>
/// Runs a packet through the chains of one table. A condition that the model cannot judge splits the walk; when
/// all outcomes are one, it did not matter, otherwise the outcome is unknown.
/// </summary>
internal sealed class NftWalk(NftTable table, NftPacket packet)
{
    // The kernel's own limit on nested jumps.
    private const int MaxDepth = 16;

    public NftOutcome Run(NftChain chain)
    {
        var outcomes = Walk(chain, 0).Select(o => o.Kind == NftOutcomeKind.FallThrough ? Policy(chain) : o).ToList();
        if (outcomes.FirstOrDefault(o => o.Kind == NftOutcomeKind.Unknown) is { Quote.Length: > 0 } unknown)
            return unknown;
        return outcomes.Select(o => o.Kind).Distinct().Count() == 1
            ? outcomes[0]
            : new(NftOutcomeKind.Unknown, outcomes.First(o => o.Quote.Length > 0).Quote);
    }

    private NftOutcome Policy(NftChain chain) => chain.Hook!.Policy == "drop"
        ? new(NftOutcomeKind.Drop, $"table {table.Family} {table.Name}, chain {chain.Name}: policy drop")
        : new(NftOutcomeKind.Accept, "");

    /// <summary>Everything that may come of a chain: the last is what comes when no doubtful rule applies.</summary>
    private List<NftOutcome> Walk(NftChain chain, int depth)
    {
        List<NftOutcome> possible = [];
        if (depth > MaxDepth) return [new(NftOutcomeKind.Unknown, $"chain {chain.Name} nests too deep")];
        foreach (var rule in chain.Rules)
        {
            var (certain, outcomes, leaves) = Judge(chain, rule, depth);
            possible.AddRange(outcomes.Where(o => o.Kind != NftOutcomeKind.FallThrough));
            if (leaves) possible.Add(new(NftOutcomeKind.FallThrough, ""));
            var goesOn = outcomes.Count == 0 && !leaves
                || (outcomes.Exists(o => o.Kind == NftOutcomeKind.FallThrough) && !leaves);
            if (certain && !goesOn) return possible;
        }
        possible.Add(new(NftOutcomeKind.FallThrough, ""));
        return possible;
    }

    // Outcomes is empty when the rule decides nothing; leaves is true when it returns from the chain.
    private (bool Certain, List<NftOutcome> Outcomes, bool Leaves) Judge(NftChain chain, NftRule rule, int depth)
    {
        var certain = true;
        foreach (var statement in rule.Statements)
        {
            switch (statement)
            {
                case NftMatch match:
                    var fits = packet.Matches(table, match);
                    if (fits == false) return (true, [], false);
                    certain &= fits.HasValue;
                    break;
                case NftCounter or NftNote:
                    break;
                case NftCondition or NftXt { Kind: "match" }:
                    certain = false;
                    break;
                case NftUnknown unknown when NftPacket.IsCondition(unknown):
                    certain = false;
                    break;
                case NftMasquerade:
                    return (certain, [new(NftOutcomeKind.Masquerade, Quote(chain, rule))], false);
                case NftReject:
                    return (certain, [new(NftOutcomeKind.Reject, Quote(chain, rule))], false);
                case NftVerdict verdict:
                    return Follow(chain, rule, verdict, certain, depth);
                default:
                    return (certain, [new(NftOutcomeKind.Unknown, Quote(chain, rule))], false);
            }
        }
        return (certain, [], false);
    }

    private (bool, List<NftOutcome>, bool) Follow(
        NftChain chain, NftRule rule, NftVerdict verdict, bool certain, int depth)
    {
        switch (verdict.Verdict)
        {
            case "accept":
                return (certain, [new(NftOutcomeKind.Accept, Quote(chain, rule))], false);
            case "drop":
                return (certain, [new(NftOutcomeKind.Drop, Quote(chain, rule))], false);
            case "continue":
                return (certain, [], false);
            case "return":
                return (certain, [], true);
            case "jump" or "goto" when table.Chains.FirstOrDefault(c => c.Name == verdict.Chain) is { } next:
                var outcomes = Walk(next, depth + 1);
                var back = outcomes.Exists(o => o.Kind == NftOutcomeKind.FallThrough);
                return (certain, outcomes, verdict.Verdict == "goto" && back);
            default:
                return (certain, [new(NftOutcomeKind.Unknown, Quote(chain, rule))], false);
        }
    }

    private string Quote(NftChain chain, NftRule rule) =>
        $"table {table.Family} {table.Name}, chain {chain.Name}: {NftText.Print(rule)}";
}
