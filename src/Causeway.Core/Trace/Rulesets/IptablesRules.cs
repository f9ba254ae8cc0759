using System.Runtime.CompilerServices;
using Causeway.Core.Dataplane.Iptables;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>A table of iptables for one packet at one hook.</summary>
internal sealed class IptablesRules(IptablesTable table, HookContext at) : IRuleTable
{
    // Thousands of chains are looked up by name many times in one trace.
    private static readonly ConditionalWeakTable<IptablesTable, Dictionary<string, IptablesChain>> Indexes = [];

    private readonly Dictionary<string, IptablesChain> _chains = Indexes.GetValue(
        table, t => t.Chains.ToDictionary(c => c.Name, StringComparer.Ordinal));

    public int Count(string chain) => _chains.TryGetValue(chain, out var found) ? found.Rules.Length : -1;

    public string Quote(string chain, int rule) => $"{table}: {Rule(chain, rule).Line}";

    public string? Comment(string chain, int rule) => Rule(chain, rule).Comment;

    public bool DropsByPolicy(string chain) => _chains[chain].Policy == "DROP";

    public string QuotePolicy(string chain) => $"{table}: chain {chain}, policy DROP";

    public IReadOnlyList<RuleStep>? Step(string chain, int number, RuleState state)
    {
        var rule = Rule(chain, number);
        var (doubt, share) = (false, 1.0);
        foreach (var match in rule.Matches)
        {
            if (match is IptablesStatistic statistic)
            {
                share *= match.Negated ? 1 - statistic.Probability : statistic.Probability;
                continue;
            }
            var fits = IptablesConditions.Fits(at, state, match);
            if (fits == false) return null;
            doubt |= fits is null;
        }
        if (share <= 0 || rule.Target is null or IptablesNote) return null;
        var quote = Quote(chain, number);
        var applies = state with { Share = state.Share * share, Doubt = doubt ? state.Doubt ?? quote : state.Doubt };
        if (share < 1) applies = applies.Note($"takes this way for {share:0.##%} of the flows that come here", quote, rule.Comment);
        var steps = Act(applies, rule, quote);
        if (steps.Count == 1 && steps[0].Action == StepAction.Next && steps[0].State.SameAs(state)) return null;
        if (share < 1) steps.Add(new(state with { Share = state.Share * (1 - share) }, StepAction.Next));
        else if (doubt) steps.Add(new(state, StepAction.Next));
        return steps;
    }

    private IptablesRule Rule(string chain, int rule) => _chains[chain].Rules[rule];

    private List<RuleStep> Act(RuleState state, IptablesRule rule, string quote)
    {
        switch (rule.Target)
        {
            case IptablesVerdict verdict:
                return [new(state, verdict.Verdict switch
                {
                    "ACCEPT" => StepAction.Accept,
                    "DROP" => StepAction.Drop,
                    _ => StepAction.Return,
                })];
            case IptablesJump jump:
                return [new(state, jump.Goto ? StepAction.Goto : StepAction.Jump, jump.Chain)];
            case IptablesReject reject:
                return [new(state, StepAction.Reject, reject.With)];
            case IptablesSetMark mark:
                return [new(SetMark(state, mark, quote, rule.Comment), StepAction.Next)];
            case IptablesCopyMark copy:
                return [new(Copy(state, copy, quote, rule.Comment), StepAction.Next)];
            case IptablesNotrack:
                return [new(state with { Track = state.Track with { Untracked = true } }, StepAction.Next)];
            case IptablesMasquerade masquerade:
                return at.MasqueradeSource(state.Packet) is { } source
                    ? [new(Translation.Source(state, source, masquerade.Ports?.First, true, quote, rule.Comment), StepAction.Accept)]
                    : [new(state, StepAction.NoSource)];
            case IptablesRedirect redirect:
                return Nat.Redirect(at, state, redirect.Ports?.First, quote, rule.Comment);
            case IptablesNetmap map:
                return [new(at.Hook is "prerouting" or "output"
                    ? Translation.Destination(state, Translation.Mapped(map.To, state.Packet.Destination), null, quote, rule.Comment)
                    : Translation.Source(state, Translation.Mapped(map.To, state.Packet.Source), null, false, quote, rule.Comment),
                    StepAction.Accept)];
            case IptablesNat nat:
                return Nat.Range(state, nat, quote, rule.Comment);
            default:
                return [new(state, StepAction.Unknown)];
        }
    }

    private static RuleState SetMark(RuleState state, IptablesSetMark mark, string quote, string? comment)
    {
        uint New(uint old) => (old & ~mark.Mask) ^ mark.Value;
        return mark.Connection
            ? state with { Track = state.Track with { Mark = New(state.Track.Mark) } }
            : Translation.Mark(state, New(state.Packet.Mark), quote, comment);
    }

    private static RuleState Copy(RuleState state, IptablesCopyMark copy, string quote, string? comment)
    {
        var (packet, connection) = (state.Packet.Mark, state.Track.Mark);
        return copy.Save
            ? state with
            {
                Track = state.Track with { Mark = (connection & ~copy.ConnectionMask) ^ (packet & copy.PacketMask) },
            }
            : Translation.Mark(state, (packet & ~copy.PacketMask) ^ (connection & copy.ConnectionMask), quote, comment);
    }
}

/// <summary>Translations that spread over several addresses.</summary>
internal static class Nat
{
    public static List<RuleStep> Range(RuleState state, IptablesNat nat, string quote, string? comment)
    {
        if (nat.First is not { } first) return [new(Rewrite(state, nat.Destination, null, nat.Ports?.First, quote, comment), StepAction.Accept)];
        var all = Translation.Addresses(first, nat.Last ?? first);
        return [.. all.Select(address => new RuleStep(
            Rewrite(state with { Share = state.Share / all.Count }, nat.Destination, address, nat.Ports?.First, quote, comment),
            StepAction.Accept))];
    }

    /// <summary>To the first address of the device that the packet came in on; a host's own packets to loopback.</summary>
    public static List<RuleStep> Redirect(HookContext at, RuleState state, ushort? port, string quote, string? comment)
    {
        var family = state.Packet.Family;
        Addressing.IpAddress? own = at.Hook == "output"
            ? family == Addressing.IpFamily.V4 ? Addressing.IpAddress.V4(0x7f000001) : Addressing.IpAddress.V6(1)
            : at.Host.AddressesOn(at.Input ?? "").Select(a => (Addressing.IpAddress?)a.Address.Address)
                .FirstOrDefault(a => a!.Value.Family == family);
        return own is null
            ? [new(state, StepAction.NoSource)]
            : [new(Translation.Destination(state, own, port, quote, comment), StepAction.Accept)];
    }

    private static RuleState Rewrite(
        RuleState state, bool destination, Addressing.IpAddress? address, ushort? port, string quote, string? comment) =>
        destination
            ? Translation.Destination(state, address, port, quote, comment)
            : Translation.Source(state, address, port, false, quote, comment);
}
