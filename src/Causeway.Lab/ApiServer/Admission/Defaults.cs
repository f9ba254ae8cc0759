using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.CustomResources;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>
/// Fields that the API server fills in for built-in kinds, so that objects read as people and controllers
/// expect them. Changes the object given. Running it twice changes nothing more.
/// </summary>
public static class Defaults
{
    public static void Apply(ResourceType type, JsonObject value)
    {
        switch (type.StorageKey)
        {
            case "pods" when value["spec"] is JsonObject spec:
                PodDefaults.ApplySpec(spec);
                PodDefaults.ApplyTolerations(spec);
                value.Ensure("status").Default("phase", "Pending");
                value.Ensure("status").Default("qosClass", QualityOfService.Of(spec));
                break;
            case "namespaces":
                value.Ensure("spec").Default("finalizers", new JsonArray("kubernetes"));
                value.Ensure("status").Default("phase", "Active");
                var metadata = value.Ensure("metadata");
                metadata.Ensure("labels")["kubernetes.io/metadata.name"] = metadata["name"]!.DeepClone();
                break;
            case "services":
                ServiceDefaults.Apply(value);
                break;
            case "secrets":
                value.Default("type", "Opaque");
                Secret(value);
                break;
            case "persistentvolumeclaims" when value["spec"] is JsonObject spec:
                spec.Default("volumeMode", "Filesystem");
                value.Ensure("status").Default("phase", "Pending");
                break;
            case "networking.k8s.io/networkpolicies" when value["spec"] is JsonObject spec:
                NetworkPolicy(spec);
                break;
            case "discovery.k8s.io/endpointslices":
                foreach (var port in value.Items("ports").OfType<JsonObject>())
                {
                    port.Default("protocol", "TCP");
                    port.Default("name", "");
                }
                break;
            case "apiextensions.k8s.io/customresourcedefinitions":
                DefinitionAdmission.Default(value);
                break;
            default:
                WorkloadDefaults.Apply(type, value);
                break;
        }
    }

    /// <summary>What was given as text is kept as base64, as the write-only field promises.</summary>
    private static void Secret(JsonObject value)
    {
        if (value["stringData"] is not JsonObject texts) return;
        var data = value.Ensure("data");
        foreach (var (name, text) in texts)
            data[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text.Text() ?? ""));
        value.Remove("stringData");
    }

    private static void NetworkPolicy(JsonObject spec)
    {
        if (spec["policyTypes"] is not JsonArray { Count: > 0 })
        {
            var types = new JsonArray("Ingress");
            if (spec["egress"] is JsonArray { Count: > 0 }) types.Add((JsonNode)"Egress");
            spec["policyTypes"] = types;
        }
        foreach (var rule in spec.Items("ingress").Concat(spec.Items("egress")))
            foreach (var port in rule.Items("ports").OfType<JsonObject>())
                port.Default("protocol", "TCP");
    }
}
