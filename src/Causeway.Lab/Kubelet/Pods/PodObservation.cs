using System.Collections.Immutable;
using Causeway.Lab.Kubelet.Containers;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>What the kubelet knows of one of its pods: all that the status is made of.</summary>
/// <param name="Sandbox">The pod has its network.</param>
/// <param name="Inits">Init containers, in order.</param>
/// <param name="Containers">In order.</param>
public sealed record PodObservation(
    bool Sandbox, DateTimeOffset StartTime, ImmutableArray<string> PodIPs, ImmutableArray<string> HostIPs,
    ImmutableArray<ContainerObservation> Inits, ImmutableArray<ContainerObservation> Containers);
