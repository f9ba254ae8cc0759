using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.Serving;

/// <summary>One server's chain of handlers, known before it is whole: an alias is asked of all of it.</summary>
internal sealed class Chain
{
    /// <summary>Of a server over TLS.</summary>
    public TlsIdentity? Identity { get; init; }

    public DnsHandler Entry { get; set; } = DnsPipeline.Refuse;

    /// <summary>The zone before which nothing stands.</summary>
    public ClusterZone? Zone { get; set; }

    /// <summary>All that the server has the authority for. Known to what stands before them in the chain, which is made
    /// from its end.</summary>
    public ImmutableArray<IZone> Zones { get; set; } = [];

    /// <summary>The cluster's domains.</summary>
    public List<DnsName> Own { get; } = [];

    /// <summary>Of the pod with an address.</summary>
    public Func<IpAddress, string?> NamespaceOf { get; set; } = _ => null;

    public Func<bool> Synced { get; set; } = () => true;

    public ValueTask<DnsMessage> Handler(DnsQuery query, CancellationToken cancel) => Entry(query, cancel);
}
