using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.Serving;

/// <summary>How queries are answered at one time. A new configuration makes another; queries that the old one has begun
/// to answer are answered by it.</summary>
/// <param name="Handler">Answers whatever comes.</param>
/// <param name="Zone">The zone whose names may be answered without asking <paramref name="Handler"/>, since nothing
/// stands before it; null when there is none, or when it does not know its names yet.</param>
/// <param name="Identity">Of a server over TLS.</param>
internal sealed record DnsPipeline(DnsHandler Handler, Func<ClusterZone?> Zone, TlsIdentity? Identity = null)
{
    /// <summary>The end of every chain: nobody here has this name.</summary>
    public static ValueTask<DnsMessage> Refuse(DnsQuery query, CancellationToken cancel) =>
        ValueTask.FromResult(query.Message.Reply(DnsRcode.REFUSED));
}
