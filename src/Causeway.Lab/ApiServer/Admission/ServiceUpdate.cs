using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>
/// What an update of a Service keeps of the object before, and what goes with a change of its type: a client
/// that sends its own manifest again neither loses what was allocated nor has to know which fields the new
/// type forbids. Works on the specs.
/// </summary>
internal static class ServiceUpdate
{
    public static void Carry(JsonObject before, JsonObject spec)
    {
        spec.Default("type", "ClusterIP");
        FollowClusterIP(before, spec);
        KeepAllocated(before, spec);
        DropForeign(before, spec);
        DropSecondFamily(before, spec);
    }

    /// <summary>A client that knows the singular field alone changes the plural one too.</summary>
    private static void FollowClusterIP(JsonObject before, JsonObject spec)
    {
        var (was, now) = (before.Text("clusterIP") ?? "", spec.Text("clusterIP") ?? "");
        if (was == now || !JsonNode.DeepEquals(before["clusterIPs"], spec["clusterIPs"])) return;
        if (now.Length == 0) spec.Remove("clusterIPs");
        else if (spec["clusterIPs"] is JsonArray { Count: > 0 } several) several[0] = now;
    }

    private static void KeepAllocated(JsonObject before, JsonObject spec)
    {
        if (ServiceShape.HasClusterIP(before) && ServiceShape.HasClusterIP(spec))
        {
            foreach (var field in (string[])["clusterIP", "clusterIPs"])
                if (IsEmpty(spec[field]) && (field == "clusterIP"
                    || spec.Text("clusterIP") == before.Text("clusterIP"))) spec.CopyFrom(before, field);
            foreach (var field in (string[])["ipFamilies", "ipFamilyPolicy"])
                if (IsEmpty(spec[field])) spec.CopyFrom(before, field);
        }
        if (ServiceShape.HasNodePorts(before) && ServiceShape.HasNodePorts(spec))
        {
            foreach (var port in spec.Items("ports").OfType<JsonObject>())
            {
                if ((port.Number("nodePort") ?? 0) != 0) continue;
                var same = before.Items("ports").FirstOrDefault(p => IsSamePort(p, port)) as JsonObject;
                if (same is not null) port.CopyFrom(same, "nodePort");
            }
        }
        if (ServiceShape.HasHealthPort(before) && ServiceShape.HasHealthPort(spec)
            && (spec.Number("healthCheckNodePort") ?? 0) == 0) spec.CopyFrom(before, "healthCheckNodePort");
    }

    /// <summary>What the type before needed and this one does not goes, unless the client changed it: then
    /// it is told that it may not.</summary>
    private static void DropForeign(JsonObject before, JsonObject spec)
    {
        if (ServiceShape.IsExternalName(spec) && !ServiceShape.IsExternalName(before))
            foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy",
                "internalTrafficPolicy"])
                DropSame(before, spec, field);
        if (ServiceShape.MayHaveNodePorts(before) && !ServiceShape.MayHaveNodePorts(spec)
            && spec.Items("ports").All(p => (p.Number("nodePort") ?? 0) == 0
                || before.Items("ports").Any(b => b.Number("nodePort") == p.Number("nodePort"))))
            foreach (var port in spec.Items("ports").OfType<JsonObject>()) port.Remove("nodePort");
        if (!ServiceShape.IsExternal(spec)) DropSame(before, spec, "externalTrafficPolicy");
        if (!ServiceShape.HasHealthPort(spec)) DropSame(before, spec, "healthCheckNodePort");
        if (ServiceShape.IsLoadBalancer(spec) || !ServiceShape.IsLoadBalancer(before)) return;
        foreach (var field in (string[])["loadBalancerClass", "allocateLoadBalancerNodePorts"])
            DropSame(before, spec, field);
    }

    /// <summary>Back to one family: the second address need not be taken out by hand.</summary>
    private static void DropSecondFamily(JsonObject before, JsonObject spec)
    {
        if (spec.Text("ipFamilyPolicy") != "SingleStack" || before.Text("ipFamilyPolicy") == "SingleStack")
            return;
        foreach (var field in (string[])["clusterIPs", "ipFamilies"])
            if (spec[field] is JsonArray { Count: 2 } two && JsonNode.DeepEquals(two, before[field]))
                two.RemoveAt(1);
    }

    private static void DropSame(JsonObject before, JsonObject spec, string field)
    {
        if (JsonNode.DeepEquals(before[field], spec[field])) spec.Remove(field);
    }

    private static bool IsSamePort(JsonNode? one, JsonNode? other) =>
        one.Number("port") == other.Number("port")
        && (one.Text("protocol") ?? "TCP") == (other.Text("protocol") ?? "TCP");

    private static bool IsEmpty(JsonNode? node) => node is null || node is JsonArray { Count: 0 }
        || node.Text() is "";
}
