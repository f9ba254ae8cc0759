using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Volumes;

/// <summary>The objects of one namespace that its pods may take files and variables from; null for one that is not
/// there.</summary>
public sealed record ObjectLookup(Func<string, ConfigMapObject?> ConfigMap, Func<string, SecretObject?> Secret)
{
    public static readonly ObjectLookup Nothing = new(_ => null, _ => null);
}
