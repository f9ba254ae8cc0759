using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Services.Nftables;

/// <summary>What a component of a key or value is.</summary>
public enum NftComponent
{
    Address,
    Protocol,
    Port,
    Index,
}

/// <summary>A set or map of the services' table.</summary>
/// <param name="Value">Components of the value of a data map; empty for others.</param>
/// <param name="IsVerdictMap">Its values are <c>goto CHAIN</c>.</param>
/// <param name="Counts">Each element counts packets and bytes.</param>
public sealed record NftSetShape(
    string Name, ImmutableArray<NftComponent> Key, ImmutableArray<NftComponent> Value,
    bool IsVerdictMap = false, bool IsInterval = false, bool Counts = false)
{
    public bool IsMap => IsVerdictMap || !Value.IsEmpty;

    /// <summary>The declaration in a family's table, without elements.</summary>
    public NftSet In(IpFamily family) => new(Name, Words(family, Key), IsInterval, [])
    {
        Data = IsVerdictMap ? "verdict" : Value.IsEmpty ? null : Words(family, Value),
        // Only typeof can say a number of numgen; it cannot say an address after a port, which type can.
        TypeOf = Key.Contains(NftComponent.Index) ? $"{Expressions(family, Key)} : {Expressions(family, Value)}" : null,
        Counter = Counts,
    };

    private static string Words(IpFamily family, IEnumerable<NftComponent> components) =>
        string.Join(" . ", components.Select(c => c switch
        {
            NftComponent.Address => NftSets.AddressType(family),
            NftComponent.Protocol => "inet_proto",
            NftComponent.Port => "inet_service",
            _ => "integer",
        }));

    private static string Expressions(IpFamily family, IEnumerable<NftComponent> components) =>
        string.Join(" . ", components.Select(c => c switch
        {
            NftComponent.Address => $"{family.Word} daddr",
            NftComponent.Protocol => "meta l4proto",
            NftComponent.Port => "th dport",
            _ => "numgen random mod 65536",
        }));
}

/// <summary>The sets and maps of the table that holds a family's services.</summary>
public static class NftSets
{
    public const string Table = "causeway-services";

    /// <summary>The pools: sources inside are in the cluster.</summary>
    public const string ClusterCidrs = "cluster-cidrs";

    private const NftComponent Address = NftComponent.Address;
    private const NftComponent Protocol = NftComponent.Protocol;
    private const NftComponent Port = NftComponent.Port;
    private const NftComponent Index = NftComponent.Index;

    /// <summary>Virtual addresses to the class chain that serves them.</summary>
    public static readonly NftSetShape ServiceIps =
        new("service-ips", [Address, Protocol, Port], [], IsVerdictMap: true, Counts: true);

    public static readonly NftSetShape ServiceNodePorts =
        new("service-nodeports", [Protocol, Port], [], IsVerdictMap: true, Counts: true);

    public static readonly NftSetShape Endpoints =
        new("endpoints", [Address, Protocol, Port, Index], [Address, Port]);

    public static readonly NftSetShape NodePortEndpoints =
        new("nodeport-endpoints", [Protocol, Port, Index], [Address, Port]);

    /// <summary>For sources outside, under the external policy Local.</summary>
    public static readonly NftSetShape LocalEndpoints =
        new("local-endpoints", [Address, Protocol, Port, Index], [Address, Port]);

    public static readonly NftSetShape LocalNodePortEndpoints =
        new("local-nodeport-endpoints", [Protocol, Port, Index], [Address, Port]);

    /// <summary>Virtual addresses to the chain that refuses or drops.</summary>
    public static readonly NftSetShape NoEndpoints =
        new("no-endpoints", [Address, Protocol, Port], [], IsVerdictMap: true, Counts: true);

    public static readonly NftSetShape NoEndpointNodePorts =
        new("no-endpoint-nodeports", [Protocol, Port], [], IsVerdictMap: true, Counts: true);

    /// <summary>Load balancer addresses that only <see cref="SourceRanges"/> may use.</summary>
    public static readonly NftSetShape Guarded = new("guarded", [Address, Protocol, Port], []);

    public static readonly NftSetShape SourceRanges =
        new("source-ranges", [Address, Protocol, Port, Address], [], IsInterval: true);

    /// <summary>Source and destination of connections that come back to where they began.</summary>
    public static readonly NftSetShape Hairpins = new("hairpins", [Address, Address], []);

    public static readonly ImmutableArray<NftSetShape> All =
    [
        ServiceIps, ServiceNodePorts, Endpoints, NodePortEndpoints, LocalEndpoints, LocalNodePortEndpoints,
        NoEndpoints, NoEndpointNodePorts, Guarded, SourceRanges, Hairpins,
    ];

    private static readonly Dictionary<string, NftSetShape> ByName = All.ToDictionary(s => s.Name);

    public static NftSetShape Of(string name) => ByName[name];

    /// <summary>The map of endpoints that a class chooses from.</summary>
    internal static NftSetShape EndpointsOf(bool nodePort, bool local) => (nodePort, local) switch
    {
        (false, false) => Endpoints,
        (false, true) => LocalEndpoints,
        (true, false) => NodePortEndpoints,
        (true, true) => LocalNodePortEndpoints,
    };

    internal static string AddressType(IpFamily family) => family == IpFamily.V4 ? "ipv4_addr" : "ipv6_addr";
}
