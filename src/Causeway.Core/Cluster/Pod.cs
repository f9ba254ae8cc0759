using Causeway.Core.Addressing;

namespace Causeway.Core.Cluster;

public sealed record Pod : KubeObject
{
    public PodSpec Spec { get; init; } = new();

    public PodStatus? Status { get; init; }

    /// <summary>The pod's addresses as its status tells them.</summary>
    public IEnumerable<IpAddress> Addresses()
    {
        foreach (var entry in Status?.PodIPs ?? [])
            if (IpAddress.TryParse(entry.Ip, out var address))
                yield return address;
    }

    /// <summary>Succeeded or Failed: its addresses may already belong to another pod.</summary>
    public bool IsFinished => Status?.Phase is "Succeeded" or "Failed";
}

public sealed record PodSpec
{
    public string? NodeName { get; init; }

    public bool HostNetwork { get; init; }

    /// <summary>A word of <see cref="PodDnsPolicy"/>.</summary>
    public string? DnsPolicy { get; init; }

    public PodDnsConfig? DnsConfig { get; init; }
}

public sealed record PodStatus
{
    public string? Phase { get; init; }

    public string? PodIP { get; init; }

    public IReadOnlyList<PodIp>? PodIPs { get; init; }

    public string? HostIP { get; init; }
}

public sealed record PodIp(string Ip);

public sealed record Namespace : KubeObject;
