using System.Text.Json;
using System.Text.Json.Serialization;

namespace Causeway.Core.Cluster;

/// <summary>The JSON form of the objects, generated at compile time: camelCase, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Namespace))]
[JsonSerializable(typeof(ConfigMap))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(IpPool))]
[JsonSerializable(typeof(IpamBlock))]
[JsonSerializable(typeof(BlockAffinity))]
[JsonSerializable(typeof(LabelSelectorTerms))]
[JsonSerializable(typeof(KubeList<Node>))]
[JsonSerializable(typeof(KubeList<Namespace>))]
[JsonSerializable(typeof(KubeList<ConfigMap>))]
[JsonSerializable(typeof(KubeList<Pod>))]
[JsonSerializable(typeof(KubeList<Service>))]
[JsonSerializable(typeof(KubeList<EndpointSlice>))]
[JsonSerializable(typeof(KubeList<IpPool>))]
[JsonSerializable(typeof(KubeList<IpamBlock>))]
[JsonSerializable(typeof(KubeList<BlockAffinity>))]
public sealed partial class ClusterJson : JsonSerializerContext;
