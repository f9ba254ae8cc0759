using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>What aliases lead to (RFC 1034 section 4.3.2).</summary>
internal static class Aliases
{
    private const int LongestChain = 8;

    /// <summary>Adds to an answer that ends in an alias what its target has; what cannot be known is left to the client.</summary>
    /// <param name="whole">The server's whole chain: the target may be anyone's name.</param>
    public static async ValueTask<DnsMessage> FollowAsync(
        DnsQuery query, DnsMessage reply, DnsHandler whole, CancellationToken cancel)
    {
        if (query.Question.Type == DnsType.CNAME || reply.Answers is not [.., { Type: DnsType.CNAME } alias]) return reply;
        var target = alias.Data.NameAt(0);
        // Aliases may lead in a circle, also by way of other steps.
        if (query.Aliases.Length >= LongestChain || target == query.Question.Name || query.Aliases.Contains(target))
            return reply;
        var more = await whole(
            query.Asking(query.Question with { Name = target }) with { Aliases = query.Aliases.Add(query.Question.Name) },
            cancel);
        return reply with { Answers = reply.Answers.AddRange(more.Answers) };
    }
}
