using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Causeway.Core.Cluster;

namespace Causeway.Kubernetes;

/// <summary>What tells one stored version of one object from all others.</summary>
public readonly record struct ObjectIdentity(
    string? Namespace, string Name, string? Uid, string? ResourceVersion)
{
    /// <summary><c>NAMESPACE/NAME</c>, or <c>NAME</c> where there is no namespace.</summary>
    public string Key => string.IsNullOrEmpty(Namespace) ? Name : $"{Namespace}/{Name}";
}

/// <summary>A resource and how its objects are read and written here.</summary>
/// <param name="Json">Source-generated, so that it compiles ahead of time.</param>
/// <param name="Identity">Reads an object's metadata.</param>
/// <param name="Stamp">Gives an object the apiVersion and kind of the resource, which writes must
/// carry.</param>
public sealed record KubeType<T>(
    ApiResource Resource, JsonTypeInfo<T> Json, Func<T, ObjectIdentity> Identity, Func<T, T> Stamp);

/// <summary>The types that Causeway reads and writes, and how to make others.</summary>
public static class KubeTypes
{
    public static KubeType<Node> Nodes { get; } = Of(ApiResources.Nodes, ClusterJson.Default.Node);

    public static KubeType<Namespace> Namespaces { get; } =
        Of(ApiResources.Namespaces, ClusterJson.Default.Namespace);

    public static KubeType<ConfigMap> ConfigMaps { get; } =
        Of(ApiResources.ConfigMaps, ClusterJson.Default.ConfigMap);

    public static KubeType<Pod> Pods { get; } = Of(ApiResources.Pods, ClusterJson.Default.Pod);

    public static KubeType<Service> Services { get; } = Of(ApiResources.Services, ClusterJson.Default.Service);

    public static KubeType<EndpointSlice> EndpointSlices { get; } =
        Of(ApiResources.EndpointSlices, ClusterJson.Default.EndpointSlice);

    public static KubeType<IpPool> IpPools { get; } = Of(ApiResources.IpPools, ClusterJson.Default.IpPool);

    public static KubeType<IpamBlock> IpamBlocks { get; } =
        Of(ApiResources.IpamBlocks, ClusterJson.Default.IpamBlock);

    public static KubeType<BlockAffinity> BlockAffinities { get; } =
        Of(ApiResources.BlockAffinities, ClusterJson.Default.BlockAffinity);

    /// <summary>A type with a record of its own. A replace writes only the fields the record knows: use a
    /// patch for objects that others own.</summary>
    public static KubeType<T> Of<T>(ApiResource resource, JsonTypeInfo<T> json) where T : KubeObject => new(
        resource, json,
        o => new(o.Metadata.Namespace, o.Metadata.Name, o.Metadata.Uid, o.Metadata.ResourceVersion),
        // 'with' on the base record clones the derived one.
        o => (T)(o with { ApiVersion = resource.ApiVersion, Kind = resource.Kind }));

    /// <summary>Any resource as a JSON tree that keeps every field.</summary>
    public static KubeType<JsonObject> Tree(ApiResource resource) => new(
        resource, JsonTrees.Default.JsonObject,
        o =>
        {
            var meta = o["metadata"] as JsonObject;
            return new(Text(meta, "namespace"), Text(meta, "name") ?? "", Text(meta, "uid"),
                Text(meta, "resourceVersion"));
        },
        o =>
        {
            if (Text(o, "apiVersion") == resource.ApiVersion && Text(o, "kind") == resource.Kind) return o;
            var stamped = o.DeepClone().AsObject();
            stamped["apiVersion"] = resource.ApiVersion;
            stamped["kind"] = resource.Kind;
            return stamped;
        });

    private static string? Text(JsonObject? parent, string name) =>
        parent?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
