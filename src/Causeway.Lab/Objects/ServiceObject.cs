using System.Text.Json;
using Causeway.Core.Cluster;

namespace Causeway.Lab.Objects;

/// <summary>A Service with what the endpoint and load balancer controllers need of it.</summary>
public sealed record ServiceObject : KubeObject
{
    public ServiceObjectSpec Spec { get; init; } = new();

    public ServiceStatus? Status { get; init; }

    public bool IsHeadless => Spec.ClusterIP == Service.Headless;

    /// <summary>Its endpoints are pods: without a selector they are somebody's own affair.</summary>
    public bool SelectsPods => Spec.Type != Service.ExternalNameType && Spec.Selector is { Count: > 0 };

    /// <summary>Judges a pod by its labels alone.</summary>
    public bool Selects(PodObject pod) => SelectsPods && pod.Metadata.Namespace == Metadata.Namespace
        && Spec.Selector!.All(l => pod.Metadata.Labels?.GetValueOrDefault(l.Key) == l.Value);
}

public sealed record ServiceObjectSpec
{
    public string? Type { get; init; }

    public string? ClusterIP { get; init; }

    public IReadOnlyList<string>? IpFamilies { get; init; }

    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    public IReadOnlyList<ServiceObjectPort>? Ports { get; init; }

    public bool PublishNotReadyAddresses { get; init; }

    public string? TrafficDistribution { get; init; }

    public string? LoadBalancerClass { get; init; }

    public string? LoadBalancerIP { get; init; }
}

/// <param name="TargetPort">A number, or the name of a container's port; absent means the same
/// number.</param>
public sealed record ServiceObjectPort(
    string? Name = null, string? Protocol = null, int Port = 0, JsonElement? TargetPort = null,
    string? AppProtocol = null);

/// <summary>An EndpointSlice as its controller writes it.</summary>
public sealed record EndpointSliceObject : KubeObject
{
    public string? AddressType { get; init; }

    public IReadOnlyList<EndpointObject>? Endpoints { get; init; }

    public IReadOnlyList<SlicePort>? Ports { get; init; }
}

public sealed record EndpointObject
{
    public IReadOnlyList<string> Addresses { get; init; } = [];

    public SliceConditions? Conditions { get; init; }

    public string? Hostname { get; init; }

    public string? NodeName { get; init; }

    public string? Zone { get; init; }

    public SliceTarget? TargetRef { get; init; }

    public SliceHints? Hints { get; init; }

    public bool Equals(EndpointObject? other) => other is not null
        && Addresses.SequenceEqual(other.Addresses) && Conditions == other.Conditions
        && (Hostname, NodeName, Zone) == (other.Hostname, other.NodeName, other.Zone)
        && TargetRef == other.TargetRef
        && (Hints?.ForZones ?? []).SequenceEqual(other.Hints?.ForZones ?? [])
        && (Hints?.ForNodes ?? []).SequenceEqual(other.Hints?.ForNodes ?? []);

    public override int GetHashCode() => HashCode.Combine(Addresses.Count, TargetRef?.Uid);
}
