using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Of pods and of pod templates.</summary>
internal static class PodValidation
{
    private const string UpdateText = "pod updates may not change fields other than `spec.containers[*].image`,"
        + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to"
        + " existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was"
        + " previously negative)";

    /// <param name="path">Of the spec: <c>spec</c> or <c>spec.template.spec</c>.</param>
    public static IEnumerable<FieldError> Spec(JsonNode? spec, string path)
    {
        if (spec is null)
        {
            yield return FieldError.Required(path);
            yield break;
        }
        if (!spec.Items("containers").Any()) yield return FieldError.Required(path + ".containers");
        var volumes = spec.Items("volumes").Select(v => v.Text("name")).ToHashSet();
        HashSet<string> names = [];
        foreach (var field in (string[])["initContainers", "containers"])
        {
            var index = 0;
            foreach (var container in spec.Items(field))
                foreach (var error in Container(container, $"{path}.{field}[{index++}]", names, volumes))
                    yield return error;
        }
        if (spec.Text("restartPolicy") is not ("Always" or "OnFailure" or "Never"))
        {
            yield return FieldError.NotSupported(path + ".restartPolicy", spec.At("restartPolicy"),
                ["Always", "OnFailure", "Never"]);
        }
        foreach (var error in PodDnsValidation.Spec(spec, path)) yield return error;
    }

    /// <summary>A bound pod's spec stays as it is, but for its images and little else.</summary>
    public static FieldError? Immutable(JsonObject value, JsonObject old)
    {
        var before = Comparable(old);
        var after = Comparable(value);
        var kept = old.Items("spec", "tolerations").All(t =>
            value.Items("spec", "tolerations").Any(n => JsonNode.DeepEquals(n, t)));
        return kept && JsonNode.DeepEquals(before, after) ? null : FieldError.Forbidden("spec", UpdateText);
    }

    /// <summary>What is wrong with a port number; null when it is good.</summary>
    public static FieldError? Port(JsonNode? owner, string field, string path)
    {
        if (owner.At(field) is not { } port) return FieldError.Required($"{path}.{field}");
        return owner.Number(field) is >= 1 and <= 65535 ? null
            : FieldError.Invalid($"{path}.{field}", port, "must be between 1 and 65535, inclusive");
    }

    private static IEnumerable<FieldError> Container(
        JsonNode? container, string path, HashSet<string> names, HashSet<string?> volumes)
    {
        var name = container.Text("name") ?? "";
        if (name.Length == 0) yield return FieldError.Required(path + ".name");
        else if (LabelSyntax.Label(name) is { } fault) yield return FieldError.Invalid(path + ".name", name,
            fault);
        else if (!names.Add(name)) yield return FieldError.Duplicate(path + ".name", name);
        if (container.Text("image") is null or "") yield return FieldError.Required(path + ".image");
        var index = 0;
        foreach (var port in container.Items("ports"))
        {
            if (Port(port, "containerPort", $"{path}.ports[{index}]") is { } error) yield return error;
            if (port.Text("protocol") is not ("TCP" or "UDP" or "SCTP"))
            {
                yield return FieldError.NotSupported($"{path}.ports[{index}].protocol", port.At("protocol"),
                    ["SCTP", "TCP", "UDP"]);
            }
            index++;
        }
        index = 0;
        foreach (var mount in container.Items("volumeMounts"))
        {
            if (!volumes.Contains(mount.Text("name")))
                yield return new($"{path}.volumeMounts[{index}].name", "FieldValueNotFound",
                    $"Not found: \"{mount.Text("name")}\"");
            index++;
        }
    }

    private static JsonObject Comparable(JsonObject pod)
    {
        var spec = (JsonObject)(pod["spec"] ?? new JsonObject()).DeepClone();
        spec.Remove("activeDeadlineSeconds");
        spec.Remove("tolerations");
        spec.Remove("terminationGracePeriodSeconds");
        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")))
            (container as JsonObject)?.Remove("image");
        return spec;
    }
}
