using System.Text.Json.Serialization;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;

namespace Causeway.Ipam;

/// <summary>What <c>ipam show ADDRESS</c> tells of one address.</summary>
/// <param name="Pool">Null when no usable pool holds it.</param>
/// <param name="Block">Null when no node has claimed its block.</param>
/// <param name="Allocation">Null when it is free.</param>
internal sealed record AddressReport(
    string Address, string? Pool, string? Block, string? BlockNode, IpamAllocation? Allocation,
    string? Unused);

internal sealed record CheckReport(IReadOnlyList<IpamProblem> Problems);

internal sealed record ReleaseReport(string Address, string Handle, bool Released);

/// <summary>The JSON of the verbs; docs/ipam.md describes it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(IpamUsage))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(ReleaseReport))]
[JsonSerializable(typeof(IReadOnlyList<AddressReport>), TypeInfoPropertyName = "AddressReports")]
internal sealed partial class IpamJson : JsonSerializerContext;
