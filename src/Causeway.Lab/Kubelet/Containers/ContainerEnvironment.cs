using System.Text;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>What a pod's fields can tell its containers.</summary>
public sealed record PodFacts(PodObject Pod, string NodeName, IReadOnlyList<string> PodIPs,
    IReadOnlyList<string> HostIPs)
{
    /// <summary>The value of a <c>fieldRef</c>; null for a path that does not exist.</summary>
    public string? Field(string path)
    {
        if (Subscript(path,
            "metadata.labels") is { } label) return Pod.Metadata.Labels?.GetValueOrDefault(label) ?? "";
        if (Subscript(path, "metadata.annotations") is { } note) return Pod.Metadata.Annotation(note) ?? "";
        return path switch
        {
            "metadata.name" => Pod.Metadata.Name,
            "metadata.namespace" => Pod.Metadata.Namespace ?? "",
            "metadata.uid" => Pod.Metadata.Uid ?? "",
            "spec.nodeName" => NodeName,
            "spec.serviceAccountName" => Pod.Spec?.ServiceAccountName ?? "default",
            "status.podIP" => PodIPs.Count > 0 ? PodIPs[0] : "",
            "status.podIPs" => string.Join(',', PodIPs),
            "status.hostIP" => HostIPs.Count > 0 ? HostIPs[0] : "",
            "status.hostIPs" => string.Join(',', HostIPs),
            _ => null,
        };
    }

    /// <summary>The same for files, of what a downwardAPI volume may show; all labels or annotations are lines of
    /// <c>name="value"</c>.</summary>
    public string? File(string path) => path switch
    {
        "metadata.labels" => Lines(Pod.Metadata.Labels),
        "metadata.annotations" => Lines(Pod.Metadata.Annotations),
        _ when path.StartsWith("metadata.", StringComparison.Ordinal) => Field(path),
        _ => null,
    };

    private static string Lines(IReadOnlyDictionary<string, string>? values) => string.Join('\n',
        (values ?? new Dictionary<string, string>()).OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => $"{v.Key}=\"{v.Value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\""));

    private static string? Subscript(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal)
            && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(field.Length + 2)..^2]
            : null;
}

/// <summary>A container's variables.</summary>
/// <param name="Fault">Why it cannot start, in the kubelet's words: an object or a key that is not there and is not
/// optional.</param>
public sealed record ContainerVariables(IReadOnlyDictionary<string, string> Values, string? Fault = null);

/// <summary>A container's environment, and <c>$(NAME)</c> in its command.</summary>
public static class ContainerEnvironment
{
    /// <summary>What all of an object's keys say (envFrom), then the variables in order: each may use those before
    /// it.</summary>
    /// <param name="inherited">What a container has without asking, such as PATH.</param>
    public static ContainerVariables Of(
        ContainerSpec container, PodFacts facts, ObjectLookup objects,
        IReadOnlyDictionary<string, string> inherited)
    {
        var values = new VariableSources(facts.Pod.Metadata.Namespace ?? "", objects);
        Dictionary<string, string> variables = new(inherited);
        foreach (var from in container.EnvFrom ?? [])
            foreach (var (key, text) in values.All(from))
                variables[from.Prefix + key] = text;
        foreach (var variable in container.Env ?? [])
        {
            if (variable.ValueFrom is not { } source)
                variables[variable.Name] = Expand(variable.Value ?? "", variables);
            else if ((source.FieldRef is { } field ? facts.Field(field.FieldPath) : values.One(source)) is { } text)
                variables[variable.Name] = text;
            // What is optional and missing, and sources that the lab does not serve, leave the variable unset.
        }
        return new(variables, values.Fault);
    }

    /// <summary>Replaces <c>$(NAME)</c>; <c>$$</c> is a dollar sign; names that are unknown stay as they
    /// stand.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        if (!text.Contains('$')) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            var close = text[i + 1] == '(' ? text.IndexOf(')', i + 2) : -1;
            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (close > 0)
            {
                var name = text[(i + 2)..close];
                result.Append(variables.TryGetValue(name, out var value) ? value : text[i..(close + 1)]);
                i = close;
            }
            else
            {
                result.Append('$');
            }
        }
        return result.ToString();
    }
}
