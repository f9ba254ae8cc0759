using System.Text;
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

    private static string? Subscript(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal)
            && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(field.Length + 2)..^2]
            : null;
}

/// <summary>A container's environment, and <c>$(NAME)</c> in its command.</summary>
public static class ContainerEnvironment
{
    /// <summary>The variables in order: each may use those before it.</summary>
    /// <param name="inherited">What a container has without asking, such as PATH.</param>
    public static IReadOnlyDictionary<string, string> Of(
        ContainerSpec container, PodFacts facts, IReadOnlyDictionary<string, string> inherited)
    {
        Dictionary<string, string> variables = new(inherited);
        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom?.FieldRef is { } reference ? facts.Field(reference.FieldPath)
                : variable.Value;
            // Sources that the lab does not serve (secrets, config maps) leave the variable unset.
            if (value is null && variable.ValueFrom is not null) continue;
            variables[variable.Name] = variable.ValueFrom is null ? Expand(value ?? "", variables) : value!;
        }
        return variables;
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
