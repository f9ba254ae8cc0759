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
            "services" => ServiceValidation.Check(value, old),
            "discovery.k8s.io/endpointslices" => EndpointSliceValidation.Check(value, old),
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
