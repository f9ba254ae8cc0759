using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Decides by who asks, and for which type, whether a query goes on. The first rule that fits counts; without one
/// it does.</summary>
/// <param name="decided">Told each decision, to be counted.</param>
public sealed class AclStep(AclSettings settings, Action<AclAction> decided, DnsHandler next)
{
    public ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        if (!settings.Zones.Cover(query.Question.Name)) return next(query, cancel);
        var action = settings.Rules.FirstOrDefault(rule => Fits(rule, query))?.Action ?? AclAction.Allow;
        decided(action);
        return action switch
        {
            AclAction.Block => ValueTask.FromResult(query.Message.Reply(DnsRcode.REFUSED)),
            AclAction.Filter => ValueTask.FromResult(query.Message.Reply(DnsRcode.NOERROR)),
            AclAction.Drop => ValueTask.FromResult(DnsReply.None),
            _ => next(query, cancel),
        };
    }

    private static bool Fits(AclRule rule, DnsQuery query) =>
        (rule.Types.IsEmpty || rule.Types.Contains(query.Question.Type))
        && (rule.Networks.IsEmpty || rule.Networks.Any(network => network.Contains(query.Client)));
}
