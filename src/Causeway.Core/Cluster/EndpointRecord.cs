using System.Text.Json;
using System.Text.Json.Serialization;

namespace Causeway.Core.Cluster;

/// <summary>
/// A pod's interface on this node, as the agent keeps it on disk once its ADD is committed:
/// <c>RUN-DIR/endpoints/HEX.json</c>, HEX being the digits of <see cref="EndpointDevice.NameOf"/>.
/// </summary>
public sealed record EndpointRecord
{
    /// <summary>The IPAM handle: <c>CONTAINER-ID/IFNAME</c>.</summary>
    public required string Handle { get; init; }

    public required string ContainerId { get; init; }

    /// <summary>The interface's name inside the pod.</summary>
    public required string IfName { get; init; }

    /// <summary>Path of the pod's network namespace.</summary>
    public required string Netns { get; init; }

    /// <summary>The host's end of the veth pair; equals <see cref="EndpointDevice.NameOf"/> of the
    /// handle.</summary>
    public required string HostDevice { get; init; }

    /// <summary>The pod's addresses without a length, at most one of each family, IPv4 first.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Of the pod's end.</summary>
    public required string Mac { get; init; }

    /// <summary>The pod's Kubernetes namespace; null when the runtime named no pod.</summary>
    public string? Namespace { get; init; }

    public string? Pod { get; init; }

    public string? PodUid { get; init; }

    public required string Node { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, EndpointJson.Default.EndpointRecord);

    /// <summary>Throws <see cref="FormatException"/> that says what is wrong.</summary>
    public static EndpointRecord Parse(ReadOnlySpan<byte> json)
    {
        EndpointRecord? record;
        try
        {
            record = JsonSerializer.Deserialize(json, EndpointJson.Default.EndpointRecord);
        }
        catch (JsonException e)
        {
            throw new FormatException($"not an endpoint record: {e.Message}", e);
        }
        if (record is not { Handle.Length: > 0, Addresses: not null, Node: not null, HostDevice: not null })
            throw new FormatException("an endpoint record has at least handle, addresses, node and hostDevice");
        return record;
    }
}

/// <summary>The JSON form of <see cref="EndpointRecord"/>: camelCase, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(EndpointRecord))]
public sealed partial class EndpointJson : JsonSerializerContext;
