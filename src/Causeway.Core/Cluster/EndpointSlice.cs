namespace Causeway.Core.Cluster;

/// <summary>A part of a service's endpoints (discovery.k8s.io/v1). A service may have many slices.</summary>
public sealed record EndpointSlice : KubeObject
{
    /// <summary>Says whose endpoints these are.</summary>
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";

    /// <summary><c>IPv4</c>, <c>IPv6</c> or <c>FQDN</c>; of one slice all addresses are of one type.</summary>
    public string? AddressType { get; init; }

    public IReadOnlyList<SliceEndpoint>? Endpoints { get; init; }

    public IReadOnlyList<SlicePort>? Ports { get; init; }
}

public sealed record SliceEndpoint
{
    /// <summary>The first is the one to use: all must be the same endpoint.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    public SliceConditions? Conditions { get; init; }

    /// <summary>The endpoint's own name under its service's, as a StatefulSet's pods have one.</summary>
    public string? Hostname { get; init; }

    public string? NodeName { get; init; }

    public string? Zone { get; init; }

    public SliceHints? Hints { get; init; }

    public SliceTarget? TargetRef { get; init; }

    /// <summary>The API's meaning of absence: ready, serving, not terminating.</summary>
    public bool IsReady => Conditions?.Ready ?? true;

    public bool IsServing => Conditions?.Serving ?? true;

    public bool IsTerminating => Conditions?.Terminating ?? false;
}

public sealed record SliceConditions(bool? Ready = null, bool? Serving = null, bool? Terminating = null);

public sealed record SliceHints(IReadOnlyList<SliceHint>? ForZones = null, IReadOnlyList<SliceHint>? ForNodes = null);

public sealed record SliceHint(string? Name = null);

/// <summary>The pod behind an endpoint.</summary>
public sealed record SliceTarget(string? Kind = null, string? Namespace = null, string? Name = null, string? Uid = null);

/// <param name="Name">Equals the name of the service's port; empty where it has one.</param>
/// <param name="Port">Absent means every port, which a proxy cannot use.</param>
public sealed record SlicePort(
    string? Name = null, string? Protocol = null, int? Port = null, string? AppProtocol = null);
