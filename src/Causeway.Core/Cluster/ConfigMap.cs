namespace Causeway.Core.Cluster;

public sealed record ConfigMap : KubeObject
{
    /// <summary>Texts by key.</summary>
    public IReadOnlyDictionary<string, string>? Data { get; init; }
}
