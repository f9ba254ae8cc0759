using System.Collections.Immutable;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Asks another question in place of the client's, by the first rule that fits, or by several where they go on;
/// the answer is to the question that the client asked.</summary>
public sealed class RewriteStep(ImmutableArray<RewriteSettings> rules, DnsHandler next)
{
    public async ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var question = query.Question;
        List<RewriteBack> back = [];
        foreach (var rule in rules)
        {
            if (rule.Apply(question) is not { } changed) continue;
            back.Add(new(rule, question.Name, changed.Name));
            question = changed;
            if (!rule.Continues) break;
        }
        if (back.Count == 0) return await next(query, cancel);
        var reply = await next(query.Asking(question), cancel);
        if (DnsReply.IsNone(reply)) return reply;
        // The last that changed is the first to be changed back.
        back.Reverse();
        ImmutableArray<DnsRecord> Back(ImmutableArray<DnsRecord> records) =>
            [.. records.Select(record => back.Aggregate(record, (one, step) => step.Apply(one)))];
        return reply with
        {
            Questions = query.Message.Questions, Answers = Back(reply.Answers), Authority = Back(reply.Authority),
            Additional = Back(reply.Additional),
        };
    }
}
