namespace Causeway.Core.Cluster;

/// <summary>A pod's <c>spec.dnsConfig</c>: what is added to what its dnsPolicy gives.</summary>
public sealed record PodDnsConfig(
    IReadOnlyList<string>? Nameservers = null, IReadOnlyList<string>? Searches = null,
    IReadOnlyList<PodDnsOption>? Options = null);

/// <summary>An option of resolv.conf(5): <c>NAME</c> or <c>NAME:VALUE</c>.</summary>
public sealed record PodDnsOption(string Name, string? Value = null);

/// <summary>The words of <c>spec.dnsPolicy</c>.</summary>
public static class PodDnsPolicy
{
    public const string ClusterFirst = "ClusterFirst";
    public const string ClusterFirstWithHostNet = "ClusterFirstWithHostNet";
    public const string Default = "Default";
    public const string None = "None";
}
