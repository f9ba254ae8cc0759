using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>What a Service's type says about which of its other fields mean something. All take the
/// spec.</summary>
internal static class ServiceShape
{
    public const string Headless = "None";

    public static bool IsExternalName(JsonNode? spec) => spec.Text("type") == "ExternalName";

    public static bool IsLoadBalancer(JsonNode? spec) => spec.Text("type") == "LoadBalancer";

    public static bool IsHeadless(JsonNode? spec) =>
        spec.Text("clusterIP") == Headless || spec.Texts("clusterIPs").FirstOrDefault() == Headless;

    /// <summary>It has a <c>clusterIP</c>, be it <c>None</c>.</summary>
    public static bool HasClusterIP(JsonNode? spec) => spec is not null && !IsExternalName(spec);

    public static bool HasNodePorts(JsonNode? spec) => spec.Text("type") == "NodePort"
        || (IsLoadBalancer(spec)
            && spec.At("allocateLoadBalancerNodePorts")?.GetValueKind() != JsonValueKind.False);

    public static bool MayHaveNodePorts(JsonNode? spec) => spec.Text("type") is "NodePort" or "LoadBalancer";

    /// <summary>It is reached from outside the cluster.</summary>
    public static bool IsExternal(JsonNode? spec) =>
        MayHaveNodePorts(spec) || (spec.Text("type") == "ClusterIP" && spec.Items("externalIPs").Any());

    public static bool HasHealthPort(JsonNode? spec) =>
        IsLoadBalancer(spec) && spec.Text("externalTrafficPolicy") == "Local";
}
