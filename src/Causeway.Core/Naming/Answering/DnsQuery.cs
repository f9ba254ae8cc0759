using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>How a query came, which says how long its answer may be.</summary>
public enum DnsTransport
{
    Udp,
    Tcp,
    Tls,
}

/// <summary>A query and who asks. Its message is of opcode QUERY and has exactly one question: others never reach a
/// handler.</summary>
/// <param name="Port">The client's.</param>
public sealed record DnsQuery(DnsMessage Message, IpAddress Client, ushort Port, DnsTransport Transport)
{
    public DnsQuestion Question => Message.Questions[0];

    /// <summary>The names that have led here, for what this server asks itself of an alias's target; empty of a client's
    /// own question.</summary>
    public ImmutableArray<DnsName> Aliases { get; init; } = [];

    /// <summary>The same client, asking something else.</summary>
    public DnsQuery Asking(DnsQuestion question) => this with { Message = Message with { Questions = [question] } };
}

/// <summary>
/// Answers a query. A handler that has no answer of its own asks the next one, with which it was made: so a chain of
/// handlers is one handler. Never throws for what a client or an upstream server sends: it answers SERVFAIL. May run many
/// times at once.
/// </summary>
public delegate ValueTask<DnsMessage> DnsHandler(DnsQuery query, CancellationToken cancel);
