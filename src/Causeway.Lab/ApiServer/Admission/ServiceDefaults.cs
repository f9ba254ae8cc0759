using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Fields of a Service that are filled in without a look at other objects.</summary>
internal static class ServiceDefaults
{
    private const int AffinitySeconds = 10800;

    public static void Apply(JsonObject value)
    {
        if (value["spec"] is not JsonObject spec) return;
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        if (!ServiceShape.IsExternalName(spec)) spec.Default("internalTrafficPolicy", "Cluster");
        if (ServiceShape.IsExternal(spec)) spec.Default("externalTrafficPolicy", "Cluster");
        if (ServiceShape.IsLoadBalancer(spec)) spec.Default("allocateLoadBalancerNodePorts", true);
        if (spec.Text("sessionAffinity") == "ClientIP")
            spec.Ensure("sessionAffinityConfig").Ensure("clientIP").Default("timeoutSeconds",
                AffinitySeconds);
        foreach (var port in spec.Items("ports").OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
            if (port["port"] is { } number && port["targetPort"] is not { } target
                || port["targetPort"] is JsonValue none && (none.Text() is "" || none.Number() is 0))
                port["targetPort"] = port["port"]?.DeepClone();
            if (port.Number("nodePort") is 0) port.Remove("nodePort");
        }
        if (spec.Number("healthCheckNodePort") is 0) spec.Remove("healthCheckNodePort");
        SyncClusterIPs(spec);
        var balancer = value.Ensure("status").Ensure("loadBalancer");
        foreach (var ingress in balancer.Items("ingress").OfType<JsonObject>())
            if (ingress.Text("ip") is { Length: > 0 }) ingress.Default("ipMode", "VIP");
    }

    /// <summary>The singular field and the first of the plural one are the same thing.</summary>
    private static void SyncClusterIPs(JsonObject spec)
    {
        var single = spec.Text("clusterIP") ?? "";
        var several = spec.Texts("clusterIPs").ToList();
        if (single.Length > 0 && several.Count == 0) spec["clusterIPs"] = new JsonArray(single);
        if (single.Length == 0) spec.Remove("clusterIP");
        if (several.Count == 0 && single.Length == 0) spec.Remove("clusterIPs");
    }
}
