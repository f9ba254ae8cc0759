using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Of Deployments, ReplicaSets, DaemonSets and StatefulSets.</summary>
internal static class WorkloadValidation
{
    public static IEnumerable<FieldError> Check(ResourceType type, JsonObject value, JsonObject? old)
    {
        var spec = value["spec"];
        var selector = spec.Object("selector");
        var labels = spec.At("template", "metadata", "labels");
        if (selector is null) yield return FieldError.Required("spec.selector");
        else if (SelectorObject.ToText(selector).Length == 0)
        {
            yield return FieldError.Invalid("spec.selector", selector,
                $"empty selector is invalid for {type.Singular}");
        }
        else if (!LabelSelector.TryParse(SelectorObject.ToText(selector), out _, out var fault))
            yield return FieldError.Invalid("spec.selector", selector, fault);
        else if (!SelectorObject.Matches(selector, labels))
        {
            yield return FieldError.Invalid("spec.template.metadata.labels", labels ?? new JsonObject(),
                "`selector` does not match template `labels`");
        }
        if (old is not null && !JsonNode.DeepEquals(old.At("spec", "selector"), selector))
            yield return FieldError.Invalid("spec.selector", selector, "field is immutable");
        if (spec.Number("replicas") is < 0)
        {
            yield return FieldError.Invalid("spec.replicas", spec.At("replicas"),
                "must be greater than or equal to 0");
        }
        foreach (var error in PodValidation.Spec(spec.At("template", "spec"), "spec.template.spec"))
            yield return error;
        if (spec.Text("template", "spec", "restartPolicy") is { } policy and not "Always")
            yield return FieldError.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
    }
}
