namespace Causeway.Core.Cluster;

/// <summary>The IPAM handle of a node's tunnel addresses: <c>tunnel/NODE</c>. Every other handle is an
/// endpoint's.</summary>
public static class TunnelHandle
{
    private const string Start = "tunnel/";

    public static string Of(string node) => Start + node;

    /// <summary>The node of a tunnel's handle; null for an endpoint's.</summary>
    public static string? NodeOf(string handle) =>
        handle.StartsWith(Start, StringComparison.Ordinal) ? handle[Start.Length..] : null;
}
