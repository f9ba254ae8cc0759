using System.Text;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>Values for variables out of ConfigMaps and Secrets, and the first that should be there and is not.</summary>
internal sealed class VariableSources(string ns, ObjectLookup objects)
{
    public string? Fault { get; private set; }

    /// <summary>All keys of an object.</summary>
    public IEnumerable<KeyValuePair<string, string>> All(EnvironmentFrom from)
    {
        var data = from.ConfigMapRef is { } map ? ConfigMap(map.Name, map.Optional)
            : from.SecretRef is { } secret ? Secret(secret.Name, secret.Optional)
            : null;
        return data ?? new Dictionary<string, string>();
    }

    /// <summary>One key; null where it is missing.</summary>
    public string? One(EnvironmentSource source)
    {
        if (source.ConfigMapKeyRef is { } map)
            return Pick(ConfigMap(map.Name, map.Optional), map, "ConfigMap");
        return source.SecretKeyRef is { } secret
            ? Pick(Secret(secret.Name, secret.Optional), secret, "Secret") : null;
    }

    private string? Pick(IReadOnlyDictionary<string, string>? data, KeyReference wanted, string kind)
    {
        if (data is null) return null;
        if (data.TryGetValue(wanted.Key, out var value)) return value;
        if (!wanted.Optional) Fault ??= $"couldn't find key {wanted.Key} in {kind} {ns}/{wanted.Name}";
        return null;
    }

    private IReadOnlyDictionary<string, string>? ConfigMap(string name, bool optional)
    {
        if (objects.ConfigMap(name) is { } found) return found.Data ?? new Dictionary<string, string>();
        if (!optional) Fault ??= $"configmap \"{name}\" not found";
        return null;
    }

    private Dictionary<string, string>? Secret(string name, bool optional)
    {
        if (objects.Secret(name) is { } found)
            return found.Data?.ToDictionary(d => d.Key, d => Encoding.UTF8.GetString(d.Value)) ?? [];
        if (!optional) Fault ??= $"secret \"{name}\" not found";
        return null;
    }
}
