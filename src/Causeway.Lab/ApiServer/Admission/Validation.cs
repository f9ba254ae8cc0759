using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.CustomResources;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>What an object must keep to beyond the types of its fields, in the API's own words.</summary>
public static class Validation
{
    /// <param name="old">The object before; null on creation.</param>
    public static IReadOnlyList<FieldError> Check(ResourceType type, JsonObject value, JsonObject? old)
    {
        List<FieldError> errors = [.. MetadataValidation.Check(type, value, old)];
        errors.AddRange(type.StorageKey switch
        {
            "pods" => Pod(value, old),
            "services" => Service(value, old),
            "apps/deployments" or "apps/replicasets" or "apps/daemonsets" or "apps/statefulsets" =>
                WorkloadValidation.Check(type, value, old),
            "apiextensions.k8s.io/customresourcedefinitions" => DefinitionAdmission.Validate(value, old),
            "configmaps" or "secrets" => Frozen(value, old),
            _ => [],
        });
        return errors;
    }

    private static IEnumerable<FieldError> Pod(JsonObject value, JsonObject? old)
    {
        foreach (var error in PodValidation.Spec(value["spec"], "spec")) yield return error;
        if (old is not null && PodValidation.Immutable(value, old) is { } fault) yield return fault;
    }

    private static IEnumerable<FieldError> Service(JsonObject value, JsonObject? old)
    {
        var spec = value["spec"];
        var kind = spec.Text("type");
        if (kind is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            yield return FieldError.NotSupported("spec.type", spec.At("type"),
                ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
        }
        if (kind == "ExternalName" && spec.Text("externalName") is null or "")
            yield return FieldError.Required("spec.externalName");
        var ports = spec.Items("ports").ToList();
        if (ports.Count == 0 && kind != "ExternalName" && spec.Text("clusterIP") != "None")
            yield return FieldError.Required("spec.ports");
        HashSet<string> names = [];
        for (var i = 0; i < ports.Count; i++)
        {
            var path = $"spec.ports[{i}]";
            if (PodValidation.Port(ports[i], "port", path) is { } fault) yield return fault;
            var name = ports[i].Text("name") ?? "";
            if (name.Length == 0 && ports.Count > 1) yield return FieldError.Required(path + ".name");
            else if (name.Length > 0 && !names.Add(name)) yield return FieldError.Duplicate(path + ".name",
                name);
        }
        if (old.Text("spec", "clusterIP") is { Length: > 0 } ip && spec.Text("clusterIP") != ip
            && kind != "ExternalName" && old.Text("spec", "type") != "ExternalName")
        {
            yield return FieldError.Invalid("spec.clusterIPs[0]", spec.At("clusterIP"),
                "may not change once set");
        }
    }

    /// <summary>ConfigMaps and Secrets that were declared immutable.</summary>
    private static IEnumerable<FieldError> Frozen(JsonObject value, JsonObject? old)
    {
        if (!old.Flag("immutable")) yield break;
        foreach (var field in (string[])["immutable", "data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(old![field], value[field]))
                yield return FieldError.Forbidden(field, "field is immutable when `immutable` is set");
        }
    }
}
