using System.Runtime.CompilerServices;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>A table of nftables for one packet at one hook.</summary>
internal sealed class NftRules(NftTable table, HookContext at) : IRuleTable
{
    private static readonly ConditionalWeakTable<NftTable, Dictionary<string, NftChain>> Indexes = [];

    private readonly Dictionary<string, NftChain> _chains = Indexes.GetValue(
        table, t => t.Chains.ToDictionary(c => c.Name, StringComparer.Ordinal));

    public int Count(string chain) => _chains.TryGetValue(chain, out var found) ? found.Rules.Length : -1;

    public string Quote(string chain, int rule) =>
        $"table {table.Family} {table.Name}, chain {chain}: {NftText.Print(_chains[chain].Rules[rule])}";

    public string? Comment(string chain, int rule) => _chains[chain].Rules[rule].Comment;

    public bool DropsByPolicy(string chain) => _chains[chain].Hook?.Policy == "drop";

    public string QuotePolicy(string chain) => $"table {table.Family} {table.Name}, chain {chain}: policy drop";

    public IReadOnlyList<RuleStep>? Step(string chain, int rule, RuleState state)
    {
        List<RuleState> live = [state];
        List<RuleStep> steps = [];
        foreach (var statement in _chains[chain].Rules[rule].Statements)
        {
            if (statement is NftCounter or NftNote or NftUpdate) continue;
            List<RuleState> next = [];
            foreach (var one in live) Take(statement, one, next, steps, () => Quote(chain, rule), Comment(chain, rule));
            live = next;
            if (live.Count == 0) break;
        }
        steps.AddRange(live.Select(s => new RuleStep(s, StepAction.Next)));
        if (steps.TrueForAll(s => s.Action == StepAction.Next && s.State.SameAs(state))) return null;
        // A doubtful rule may also not have applied.
        if (steps.Exists(s => s.State.Doubt is not null) && state.Doubt is null
            && !steps.Exists(s => s.State.Doubt is null && s.Action == StepAction.Next))
            steps.Add(new(state, StepAction.Next));
        return steps;
    }

    private void Take(
        NftStatement statement, RuleState state, List<RuleState> next, List<RuleStep> steps, Func<string> quote, string? comment)
    {
        switch (statement)
        {
            case NftMatch match:
                Match(match, state, next, steps, quote);
                break;
            case NftCondition or NftXt { Kind: "match" }:
            case NftUnknown unknown when IsCondition(unknown):
                next.Add(state with { Doubt = state.Doubt ?? quote() });
                break;
            case NftVerdict verdict:
                if (verdict.Verdict != "continue") steps.Add(Verdict(state, verdict));
                else steps.Add(new(state, StepAction.Next));
                break;
            case NftVerdictMap map:
                Choose(map.Key, map.Map, state, steps, (s, element) => Verdict(s, NftVerdict.Parse(element.Data ?? "")) with
                {
                    Element = NftText.Print(element), Comment = element.Comment,
                });
                break;
            case NftNat nat:
                Translate(nat, state, steps, quote(), comment);
                break;
            case NftMasquerade masquerade:
                steps.Add(at.MasqueradeSource(state.Packet) is { } source
                    ? new(Translation.Source(state, source, PortOf(masquerade.Ports), true, quote(), comment), StepAction.Accept)
                    : new(state, StepAction.NoSource));
                break;
            case NftRedirect { Port: null or { Map: null } } redirect:
                steps.AddRange(Nat.Redirect(at, state, PortOf(redirect.Port?.Expression), quote(), comment));
                break;
            // The tool narrows it to TCP by itself, and does not list that.
            case NftReject { With: "tcp reset" } when state.Packet.Protocol != TransportProtocol.Tcp:
                break;
            case NftReject reject:
                steps.Add(new(state, StepAction.Reject, reject.With));
                break;
            case NftAssign assign:
                if (Assign(assign, state, quote(), comment) is { } assigned) next.Add(assigned);
                else steps.Add(new(state, StepAction.Unknown));
                break;
            case NftNotrack:
                next.Add(state with { Track = state.Track with { Untracked = true } });
                break;
            default:
                steps.Add(new(state, StepAction.Unknown));
                break;
        }
    }

    private void Match(NftMatch match, RuleState state, List<RuleState> next, List<RuleStep> steps, Func<string> quote)
    {
        var share = NftLookup.Share(at, table, state, match);
        if (share is null) next.Add(state with { Doubt = state.Doubt ?? quote() });
        if (share is not > 0) return;
        if (share == 1)
        {
            next.Add(state);
            return;
        }
        next.Add((state with { Share = state.Share * share.Value })
            .Note($"takes this way for {share:0.##%} of the flows that come here", quote()));
        steps.Add(new(state with { Share = state.Share * (1 - share.Value) }, StepAction.Next));
    }

    // Each element that the packet's key may have; without one the rule ends.
    private void Choose(
        string key, NftMapRef map, RuleState state, List<RuleStep> steps, Func<RuleState, NftElement, RuleStep> act)
    {
        if (NftExpression.Evaluate(at, state, key) is not { } choices)
        {
            steps.Add(new(state, StepAction.Unknown));
            return;
        }
        var missing = 0.0;
        foreach (var choice in choices)
        {
            var known = true;
            var element = choice.Absent ? null : NftLookup.Find(table, map, choice, out known);
            if (element is not null) steps.Add(act(state with { Share = state.Share * choice.Share }, element));
            else if (!known) steps.Add(new(state with { Share = state.Share * choice.Share }, StepAction.Unknown));
            else missing += choice.Share;
        }
        if (missing > 0) steps.Add(new(state with { Share = state.Share * missing }, StepAction.Next));
    }

    private static RuleStep Verdict(RuleState state, NftVerdict verdict) => verdict.Verdict switch
    {
        "accept" => new(state, StepAction.Accept),
        "drop" => new(state, StepAction.Drop),
        "return" => new(state, StepAction.Return),
        "continue" => new(state, StepAction.Next),
        "jump" => new(state, StepAction.Jump, verdict.Chain),
        "goto" => new(state, StepAction.Goto, verdict.Chain),
        _ => new(state, StepAction.Unknown),
    };

    private void Translate(NftNat nat, RuleState state, List<RuleStep> steps, string quote, string? comment)
    {
        if (nat.Address?.Map is { } map && nat.Port is null)
        {
            Choose(nat.Address.Expression, map, state, steps, (s, element) =>
                To(nat, s, element.Data ?? "", null, $"{quote} [{NftText.Print(element)}]", element.Comment ?? comment));
            return;
        }
        if (nat.Address?.Map is not null || nat.Port?.Map is not null) steps.Add(new(state, StepAction.Unknown));
        else if (nat.Address?.Expression.Split('-') is [var low, var high]
            && IpAddress.TryParse(low, out var first) && IpAddress.TryParse(high, out var last))
        {
            var all = Translation.Addresses(first, last);
            steps.AddRange(all.Select(a => To(nat, state with { Share = state.Share / all.Count }, a.ToString(),
                nat.Port?.Expression, quote, comment)));
        }
        else steps.Add(To(nat, state, nat.Address?.Expression ?? "", nat.Port?.Expression, quote, comment));
    }

    // An address, an address and a port joined, a prefix, or nothing but the port.
    private static RuleStep To(NftNat nat, RuleState state, string to, string? port, string quote, string? comment)
    {
        var parts = to.Split(" . ");
        if (parts.Length > 1) port = parts[1];
        var destination = nat.Kind == "dnat";
        IpAddress? address = null;
        if (nat.Prefix && Prefix.TryParse(parts[0], out var prefix))
            address = Translation.Mapped(prefix, destination ? state.Packet.Destination : state.Packet.Source);
        else if (IpAddress.TryParse(parts[0], out var one)) address = one;
        else if (parts[0].Length > 0) return new(state, StepAction.Unknown);
        var number = PortOf(port);
        if (port is not null && number is null) return new(state, StepAction.Unknown);
        return new(destination
            ? Translation.Destination(state, address, number, quote, comment)
            : Translation.Source(state, address, number, false, quote, comment), StepAction.Accept);
    }

    private RuleState? Assign(NftAssign assign, RuleState state, string quote, string? comment)
    {
        // What does not decide where a packet goes.
        if (assign.Field is "meta nftrace" or "meta priority" or "ip dscp" or "ip6 dscp"
            || assign.Field.StartsWith("tcp option ", StringComparison.Ordinal)) return state;
        if (assign.Field is not ("meta mark" or "mark" or "ct mark") || assign.Value.Map is not null) return null;
        if (NftExpression.Evaluate(at, state, assign.Value.Expression) is not [var choice]
            || choice.Parts is not [{ Number: { } mark }]) return null;
        return assign.Field == "ct mark"
            ? state with { Track = state.Track with { Mark = mark } }
            : Translation.Mark(state, mark, quote, comment);
    }

    private static ushort? PortOf(string? text) =>
        text is null ? null : ushort.TryParse(text.Split('-')[0], out var port) ? port : null;

    // What was not read, but can only narrow a rule, never change a packet.
    private static bool IsCondition(NftUnknown unknown) =>
        unknown.Raw.Replace(" ", "", StringComparison.Ordinal).StartsWith("{\"match\":", StringComparison.Ordinal);
}
