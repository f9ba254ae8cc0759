using System.Text.Json;
using System.Text.Json.Serialization;
using Causeway.Lab.Nodes;

namespace Causeway.Lab.Capsule;

/// <summary>The JSON form of what a lab keeps in its directory, generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(LabConfig))]
[JsonSerializable(typeof(ProcessIdentity))]
[JsonSerializable(typeof(SortedDictionary<string, AgentRecord>))]
internal sealed partial class LabJson : JsonSerializerContext;
