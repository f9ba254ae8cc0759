using System.Text.Json.Serialization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Cluster;

/// <summary>How packets between nodes travel for a pool's pods.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Encapsulation>))]
public enum Encapsulation
{
    None,
    [JsonStringEnumMemberName("VXLAN")]
    Vxlan,
    [JsonStringEnumMemberName("VXLANCrossSubnet")]
    VxlanCrossSubnet,
    [JsonStringEnumMemberName("IPIP")]
    IpIp,
    [JsonStringEnumMemberName("IPIPCrossSubnet")]
    IpIpCrossSubnet,
}

/// <summary>A range of addresses for pods (custom resource <c>ippools.causeway.dev</c>, cluster-scoped).</summary>
public sealed record IpPool : KubeObject
{
    public IpPoolSpec Spec { get; init; } = new();
}

public sealed record IpPoolSpec
{
    public string Cidr { get; init; } = "";

    /// <summary>Prefix length of the blocks that nodes claim: 20..32 (default 26) or 116..128 (default 122).</summary>
    public int? BlockSize { get; init; }

    public Encapsulation Encapsulation { get; init; } = Encapsulation.Vxlan;

    /// <summary>Masquerade what leaves the pools.</summary>
    public bool NatOutgoing { get; init; } = true;

    /// <summary>A label selector in the string form; empty selects every node.</summary>
    public string? NodeSelector { get; init; }

    /// <summary>No new addresses; those given out stay.</summary>
    public bool Disabled { get; init; }

    /// <summary>A full node does not borrow from other nodes' blocks.</summary>
    public bool StrictAffinity { get; init; }

    public const int DefaultBlockSizeV4 = 26;
    public const int DefaultBlockSizeV6 = 122;

    public int BlockSizeOf(IpFamily family) =>
        BlockSize ?? (family == IpFamily.V4 ? DefaultBlockSizeV4 : DefaultBlockSizeV6);
}
