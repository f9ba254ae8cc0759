using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Services;

/// <summary>What one Service object asks for: a plan per port and family, still without endpoints.</summary>
public sealed record ServiceReading(
    ImmutableArray<ServicePortPlan> Ports, ImmutableArray<ServiceProblem> Problems)
{
    public static readonly ServiceReading Nothing = new([], []);

    /// <summary>Never throws: what cannot be read is left out and told as a problem.</summary>
    /// <param name="nodeAddresses">The planned node's own.</param>
    public static ServiceReading Of(Service service, IReadOnlyList<IpAddress> nodeAddresses) =>
        IsForUs(service.Metadata) && service.Spec.Type != Service.ExternalNameType
            ? new ServiceReader(service, nodeAddresses).Read()
            : Nothing;

    /// <summary>Without the labels that give an object to another proxy, or to none.</summary>
    internal static bool IsForUs(ObjectMeta meta) => meta.Labels is not { } labels
        || (!labels.ContainsKey(Service.ProxyNameLabel) && !labels.ContainsKey(Service.HeadlessLabel));
}
