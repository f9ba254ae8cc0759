using System.Collections.Immutable;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>A table of rules of one kind, for one packet at one hook.</summary>
internal interface IRuleTable
{
    /// <summary>How many rules a chain has; -1 where there is no such chain.</summary>
    int Count(string chain);

    /// <summary>The outcomes of one rule; null when it does nothing to this packet.</summary>
    IReadOnlyList<RuleStep>? Step(string chain, int rule, RuleState state);

    /// <summary>Where a rule stands and what it says.</summary>
    string Quote(string chain, int rule);

    string? Comment(string chain, int rule);

    /// <summary>Whether a base chain drops what no rule decided.</summary>
    bool DropsByPolicy(string chain);

    string QuotePolicy(string chain);
}

/// <summary>
/// Runs a packet through the chains of one table: jumps, returns, and a branch for each choice that chance makes. A
/// condition that cannot be judged splits the walk; what comes of it must also come without it, otherwise the outcome is
/// unknown.
/// </summary>
internal sealed class RuleWalk(IRuleTable table)
{
    // nftables allows 16 nested jumps; iptables as many as it has chains.
    private const int MaxDepth = 64;
    private const int MaxBranches = 4096;

    /// <summary>The ends of all branches; their shares add up to the state's.</summary>
    public List<RuleEnd> Run(string chain, RuleState state)
    {
        var ends = Walk(chain, state, 0).ConvertAll(e => e.Action != StepAction.Return ? e
            : table.DropsByPolicy(chain) ? e with { Action = StepAction.Drop, Quote = table.QuotePolicy(chain) }
            : e with { Action = StepAction.Accept });
        return Judged(ends);
    }

    // A doubtful end that no certain one is like makes the whole chain unknown.
    private static List<RuleEnd> Judged(List<RuleEnd> ends)
    {
        var certain = ends.Where(e => e.State.Doubt is null).ToList();
        foreach (var end in ends)
        {
            if (end.State.Doubt is not { } doubt) continue;
            if (!certain.Exists(c => Action(c) == Action(end) && (Stops(c) || c.State.SameAs(end.State))))
                return [end with { Action = StepAction.Unknown, Quote = doubt, State = end.State with { Share = 1 } }];
        }
        return certain;
    }

    // A packet that is refused is stopped as one that is dropped.
    private static StepAction Action(RuleEnd end) => end.Action == StepAction.Reject ? StepAction.Drop : end.Action;

    private static bool Stops(RuleEnd end) => end.Action is StepAction.Drop or StepAction.Reject;

    /// <summary>Return stands for a packet that comes back out of the chain.</summary>
    private List<RuleEnd> Walk(string chain, RuleState start, int depth)
    {
        var count = table.Count(chain);
        if (count < 0) return [Unread(start, $"there is no chain {chain}")];
        if (depth > MaxDepth) return [Unread(start, $"chain {chain} nests too deep")];
        List<RuleEnd> ends = [];
        List<RuleState> live = [start];
        for (var rule = 0; rule < count && live.Count > 0; rule++)
        {
            List<RuleState>? next = null;
            for (var i = 0; i < live.Count; i++)
            {
                var steps = table.Step(chain, rule, live[i]);
                // Most rules do nothing, and cost nothing more than to see that.
                if (steps is not null) next ??= [.. live.Take(i)];
                if (steps is null) next?.Add(live[i]);
                else foreach (var step in steps) Take(chain, rule, step, depth, next!, ends);
            }
            if (next is not null) live = Distinct(next);
            if (live.Count > MaxBranches) return [Unread(start, $"chain {chain} branches too often")];
        }
        ends.AddRange(live.Select(s => new RuleEnd(s, StepAction.Return, "", null, null)));
        return ends;
    }

    private void Take(string chain, int rule, RuleStep step, int depth, List<RuleState> next, List<RuleEnd> ends)
    {
        switch (step.Action)
        {
            case StepAction.Next:
                next.Add(step.State);
                break;
            case StepAction.Return:
                ends.Add(new(step.State, StepAction.Return, "", null, null));
                break;
            case StepAction.Jump or StepAction.Goto:
                var note = new RuleNote($"goes to chain {step.Text}", Quote(), step.Comment ?? table.Comment(chain, rule));
                foreach (var end in Walk(step.Text!, step.State with { Path = step.State.Path.Add(note) }, depth + 1))
                {
                    var back = end.State with { Path = step.State.Path };
                    if (end.Action != StepAction.Return) ends.Add(end);
                    else if (step.Action == StepAction.Jump) next.Add(back);
                    else ends.Add(end with { State = back });
                }
                break;
            default:
                ends.Add(new(step.State, step.Action, Quote(), step.Text, step.Comment ?? table.Comment(chain, rule)));
                break;
        }
        string Quote() => table.Quote(chain, rule) + (step.Element is null ? "" : $" [{step.Element}]");
    }

    // Where a doubtful rule changed nothing, the doubt is over.
    private static List<RuleState> Distinct(List<RuleState> states)
    {
        if (states.Count < 2 || states.TrueForAll(s => s.Doubt is null)) return states;
        List<RuleState> kept = [.. states.Where(s => s.Doubt is null)];
        foreach (var state in states)
            if (state.Doubt is not null && !kept.Exists(k => k.SameAs(state))) kept.Add(state);
        return kept;
    }

    private static RuleEnd Unread(RuleState state, string why) => new(state, StepAction.Unknown, why, null, null);
}
