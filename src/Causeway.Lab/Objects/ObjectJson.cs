using System.Text.Json.Serialization;

namespace Causeway.Lab.Objects;

/// <summary>The JSON form of these records.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PodObject))]
[JsonSerializable(typeof(PodTemplate))]
[JsonSerializable(typeof(NodeObject))]
[JsonSerializable(typeof(ReplicaSetObject))]
[JsonSerializable(typeof(DeploymentObject))]
[JsonSerializable(typeof(DaemonSetObject))]
[JsonSerializable(typeof(NamespaceObject))]
[JsonSerializable(typeof(ServiceObject))]
[JsonSerializable(typeof(EndpointSliceObject))]
[JsonSerializable(typeof(ConfigMapObject))]
[JsonSerializable(typeof(SecretObject))]
[JsonSerializable(typeof(EndpointObject))]
[JsonSerializable(typeof(Causeway.Core.Cluster.SlicePort))]
[JsonSerializable(typeof(BareObject))]
[JsonSerializable(typeof(ObjectSelector))]
[JsonSerializable(typeof(UpdateStrategy))]
[JsonSerializable(typeof(PodObjectSpec))]
[JsonSerializable(typeof(Toleration))]
[JsonSerializable(typeof(ReplicaSetObjectStatus))]
[JsonSerializable(typeof(DeploymentObjectStatus))]
[JsonSerializable(typeof(DaemonSetObjectStatus))]
public sealed partial class ObjectJson : JsonSerializerContext;
