using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>The value validations of OpenAPI v3 that structural schemas allow. Null means not
/// limited.</summary>
public sealed record Constraints
{
    public IReadOnlyList<JsonNode?>? Enum { get; init; }

    public Regex? Pattern { get; init; }

    public decimal? Minimum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public decimal? Maximum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public decimal? MultipleOf { get; init; }

    /// <summary>In Unicode code points.</summary>
    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }

    public bool UniqueItems { get; init; }

    public int? MinProperties { get; init; }

    public int? MaxProperties { get; init; }

    public IReadOnlyList<SchemaNode> AllOf { get; init; } = [];

    public IReadOnlyList<SchemaNode> AnyOf { get; init; } = [];

    public IReadOnlyList<SchemaNode> OneOf { get; init; } = [];

    public SchemaNode? Not { get; init; }
}
