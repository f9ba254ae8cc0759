using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>What address management on a node depends on besides blocks: the pools, and the node's labels.
/// Agents give what their watches last told.</summary>
public sealed record IpamView(PoolSet Pools, IReadOnlyDictionary<string, string>? NodeLabels);

/// <param name="Families">One address of each; all or none are assigned.</param>
/// <param name="Tunnel">Only from pools that encapsulate: for the tunnel device, not for a pod.</param>
public sealed record AssignRequest(
    string Handle, IReadOnlyList<IpFamily> Families, string? Namespace = null, string? Pod = null,
    string? PodUid = null, bool Tunnel = false)
{
    /// <summary>The tunnel addresses of a node.</summary>
    public static AssignRequest ForTunnel(string node, IReadOnlyList<IpFamily> families) =>
        new(TunnelHandle.Of(node), families, Tunnel: true);
}

/// <param name="Pool">Null when the pool was deleted since.</param>
public sealed record AssignedAddress(
    IpAddress Address, Prefix Block, IpamAllocation Allocation, PoolRange? Pool);

/// <param name="Code"><c>no-pool</c> or <c>exhausted</c>.</param>
/// <param name="Message">For the pod's Event and the CNI error.</param>
public sealed record AssignFailure(string Code, string Message)
{
    public const string NoPool = "no-pool";
    public const string Exhausted = "exhausted";
}

/// <summary>Addresses in the order of the families asked for, or why there are none.</summary>
public sealed record AssignResult(IReadOnlyList<AssignedAddress> Addresses, AssignFailure? Failure)
{
    public bool IsAssigned => Failure is null;
}

/// <summary>What a request is about to get.</summary>
/// <param name="Written">Ends when it is in the store, with what is there then.</param>
public sealed record AssignOffer(AssignResult Offered, Task<AssignResult> Written);

/// <summary>A kind of address that a request wants.</summary>
internal readonly record struct Need(IpFamily Family, bool Tunnel)
{
    public IEnumerable<PoolRange> Pools(IpamView view)
    {
        var tunnel = Tunnel;
        return view.Pools.For(Family, view.NodeLabels)
            .Where(p => !tunnel || p.Spec.Encapsulation != Encapsulation.None);
    }

    public override string ToString() =>
        (Family == IpFamily.V4 ? "IPv4" : "IPv6") + (Tunnel ? " tunnel" : "");
}
