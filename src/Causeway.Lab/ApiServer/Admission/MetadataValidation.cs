using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Names, labels, annotations, owners and finalizers of any object.</summary>
internal static class MetadataValidation
{
    private const int MaxAnnotations = 256 << 10;

    public static IEnumerable<FieldError> Check(ResourceType type, JsonObject value, JsonObject? old)
    {
        var metadata = value["metadata"];
        var name = metadata.Text("name") ?? "";
        if (name.Length == 0) yield return FieldError.Required("metadata.name",
            "name or generateName is required");
        else if (NameFault(type, name) is { } fault) yield return FieldError.Invalid("metadata.name", name,
            fault);
        foreach (var (key, label) in metadata.Object("labels") ?? [])
        {
            if (LabelSyntax.KeyFault(key) is { } keyFault)
                yield return FieldError.Invalid("metadata.labels", key, keyFault);
            if (LabelSyntax.ValueFault(label.Text() ?? "") is { } valueFault)
                yield return FieldError.Invalid("metadata.labels", label, valueFault);
        }
        var size = 0;
        foreach (var (key, text) in metadata.Object("annotations") ?? [])
        {
            size += key.Length + (text.Text()?.Length ?? 0);
            if (LabelSyntax.KeyFault(key.ToLowerInvariant()) is { } keyFault)
                yield return FieldError.Invalid("metadata.annotations", key, keyFault);
        }
        if (size > MaxAnnotations) yield return FieldError.TooLong("metadata.annotations", MaxAnnotations);
        foreach (var error in Owners(metadata)) yield return error;
        foreach (var error in Finalizers(metadata, old)) yield return error;
    }

    private static IEnumerable<FieldError> Owners(JsonNode? metadata)
    {
        var controllers = 0;
        var index = 0;
        foreach (var owner in metadata.Items("ownerReferences"))
        {
            var path = $"metadata.ownerReferences[{index++}]";
            foreach (var field in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (owner.Text(field) is null or "")
                    yield return FieldError.Invalid($"{path}.{field}", owner.At(field) ?? "",
                        $"{field} must not be empty");
            }
            if (owner.Flag("controller") && ++controllers == 2)
            {
                yield return FieldError.Invalid("metadata.ownerReferences", metadata.At("ownerReferences"),
                    "Only one reference can have Controller set to true");
            }
        }
    }

    private static IEnumerable<FieldError> Finalizers(JsonNode? metadata, JsonObject? old)
    {
        var before = old.Texts("metadata", "finalizers").ToHashSet();
        foreach (var finalizer in metadata.Texts("finalizers"))
        {
            if (LabelSyntax.KeyFault(finalizer) is { } fault)
                yield return FieldError.Invalid("metadata.finalizers", finalizer, fault);
            else if (old.Text("metadata", "deletionTimestamp") is not null && !before.Contains(finalizer))
            {
                yield return FieldError.Forbidden("metadata.finalizers",
                    "no new finalizers can be added if the object is being deleted, found new finalizers "
                    + $"[]string{{\"{finalizer}\"}}");
            }
        }
    }

    private static string? NameFault(ResourceType type, string name) => type.StorageKey switch
    {
        "namespaces" => LabelSyntax.Label(name),
        "services" => LabelSyntax.Label1035(name),
        _ when type.Group == "rbac.authorization.k8s.io" => LabelSyntax.PathSegment(name),
        _ => LabelSyntax.Subdomain(name),
    };
}
