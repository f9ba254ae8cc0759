using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.ApiServer.Resources;

/// <summary>A kind that the server serves, in one version.</summary>
public sealed record ResourceType
{
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Kind { get; init; }

    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public string ListKind => field ?? Kind + "List";

    public required bool Namespaced { get; init; }

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Main requests leave the status alone, status requests all else.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Where the replicas are; null without a scale subresource.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Subresources beyond status and scale, for discovery.</summary>
    public IReadOnlyList<Subresource> Subresources { get; init; } = [];

    /// <summary>The version in which objects are kept; others differ from it in apiVersion only, but for
    /// events.</summary>
    public required string StorageApiVersion { get; init; }

    /// <summary>The collection in the store: <c>pods</c>, <c>apps/deployments</c>.</summary>
    public required string StorageKey { get; init; }

    /// <summary>Null for built-in kinds.</summary>
    public CustomType? Custom { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public GroupVersionKind GroupVersionKind => new(Group, Version, Kind);

    /// <summary>As error messages name it: <c>pods</c>, <c>deployments.apps</c>.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Kind with group: <c>Pod</c>, <c>Deployment.apps</c>.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";
}

/// <summary>What only custom resources have.</summary>
/// <param name="Columns">Those that the definition adds to tables; null for the usual ones.</param>
public sealed record CustomType(string DefinitionName, JsonArray? Columns);

/// <summary>Where a scalable object keeps its replicas: paths of field names.</summary>
/// <param name="Selector">Of a label selector (built in) or its string form (custom); null when there is
/// none.</param>
public sealed record ScalePaths(string[] SpecReplicas, string[] StatusReplicas, string[]? Selector);

/// <param name="Name">After the slash: <c>log</c>, <c>binding</c>.</param>
/// <param name="Group">Of the kind that it takes and gives, where it is not the resource's own.</param>
public sealed record Subresource(
    string Name, string Kind, IReadOnlyList<string> Verbs, string Group = "", string Version = "");
