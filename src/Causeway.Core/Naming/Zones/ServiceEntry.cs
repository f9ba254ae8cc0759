using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

public enum ServiceKind
{
    /// <summary>Named after its own addresses.</summary>
    ClusterIp,

    /// <summary>Named after its endpoints' addresses.</summary>
    Headless,

    /// <summary>Another name's alias.</summary>
    ExternalName,
}

/// <summary>What the names of one service are made of. Immutable: a change makes another.</summary>
public sealed record ServiceEntry
{
    private byte[] _v4 = [];
    private byte[] _v6 = [];

    /// <summary>The labels of name and namespace in lower-case wire form, without a root.</summary>
    public required byte[] Key { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public ServiceKind Kind { get; init; }

    /// <summary>The cluster IPs; empty unless it has any.</summary>
    public ImmutableArray<IpAddress> Addresses { get; init; } = [];

    public DnsName ExternalName { get; init; }

    /// <summary>The service's own.</summary>
    public ImmutableArray<NamedPort> Ports { get; init; } = [];

    /// <summary>In the order of their names.</summary>
    public ImmutableArray<SliceEntry> Slices { get; init; } = [];

    public bool HasEndpoints { get; private init; }

    /// <summary>The addresses behind the service's name, one after the other in network order, each once.</summary>
    public ReadOnlySpan<byte> AddressBytes(IpFamily family) => family == IpFamily.V4 ? _v4 : _v6;

    /// <summary>With these slices, ready to be asked for its addresses.</summary>
    internal ServiceEntry With(ImmutableArray<SliceEntry> slices)
    {
        var entry = this with
        {
            Slices = slices.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name)),
            HasEndpoints = slices.Any(s => s.Endpoints.Length > 0),
        };
        entry._v4 = entry.Pack(IpFamily.V4);
        entry._v6 = entry.Pack(IpFamily.V6);
        return entry;
    }

    public override string ToString() => $"Service {Namespace}/{Name}";

    private byte[] Pack(IpFamily family) => Kind == ServiceKind.Headless
        ? [.. Slices.Where(s => s.Family == family).SelectMany(s => s.Endpoints).Select(e => e.Address).Distinct()
            .SelectMany(a => a.ToBytes())]
        : [.. Addresses.Where(a => a.Family == family).SelectMany(a => a.ToBytes())];
}

/// <summary>The ready endpoints of one EndpointSlice, and the ports that all of them have.</summary>
/// <param name="Name">The slice's.</param>
public sealed record SliceEntry(
    string Name, IpFamily Family, ImmutableArray<NamedPort> Ports, ImmutableArray<EndpointEntry> Endpoints);
