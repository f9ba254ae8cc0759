using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Causeway.Kubernetes;

/// <summary>Generated serialisation of plain trees.</summary>
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class JsonTrees : JsonSerializerContext;
