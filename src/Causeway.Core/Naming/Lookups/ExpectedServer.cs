using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Lookups;

/// <summary>
/// A DNS server of the cluster on paper: what it should answer by its configuration and the API's objects, with the
/// reason. What others know (forwarded names, files on its disk) it tells as unknown.
/// </summary>
public sealed class ExpectedServer
{
    private const int LongestChain = 8;

    private readonly ImmutableArray<(DnsName Zone, ImmutableArray<ExpectedStep> Steps)> _longestFirst;

    /// <param name="port">On which the question arrives.</param>
    /// <param name="local">The addresses by which the server is reached.</param>
    public ExpectedServer(
        DnsConfiguration configuration, ClusterSnapshot cluster, ushort port = ServerKey.DefaultPort,
        params IReadOnlyList<IpAddress> local)
    {
        ExpectedSteps steps = new(cluster, local);
        _longestFirst =
        [
            .. from server in configuration.Servers
               let chain = steps.Of(server)
               from key in server.Keys
               where key.Port == port && key.Transport == DnsTransport.Udp
               orderby key.Zone.LabelCount descending
               select (key.Zone, chain),
        ];
    }

    public ExpectedAnswer Answer(DnsQuestion question) => Answer(question, LongestChain);

    private ExpectedAnswer Answer(DnsQuestion question, int depth)
    {
        foreach (var (zone, steps) in _longestFirst)
        {
            if (!question.Name.IsWithin(zone)) continue;
            foreach (var step in steps)
                if (step(question) is { } answer) return Follow(question, answer, depth);
            return ExpectedAnswer.Failure($"REFUSED: no plugin of the server {zone} has an answer");
        }
        return ExpectedAnswer.Failure("REFUSED: the Corefile has no server for this name");
    }

    /// <summary>What an alias leads to (RFC 1034 section 4.3.2).</summary>
    private ExpectedAnswer Follow(DnsQuestion question, ExpectedAnswer answer, int depth)
    {
        if (answer.Records is not [{ Type: DnsType.CNAME } alias] || question.Type == DnsType.CNAME) return answer;
        var target = alias.Data.NameAt(0);
        if (depth == 0)
            return answer with { Kind = AnswerKind.NoData, Why = $"{answer.Why}; the chain of aliases does not end" };
        var more = Answer(question with { Name = target }, depth - 1);
        return answer with
        {
            // The alias exists, whatever becomes of its target.
            Kind = more.Kind is AnswerKind.NoName or AnswerKind.Failure ? AnswerKind.NoData : more.Kind,
            Records = [.. answer.Records, .. more.Records],
            Why = $"{answer.Why}; {target} {more.Why}",
        };
    }
}
