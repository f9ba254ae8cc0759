using System.Collections.Frozen;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Schema.OpenApi;

namespace Causeway.Lab.ApiServer.Resources;

/// <summary>All that is served at one moment. Immutable; made anew when a CustomResourceDefinition
/// changes.</summary>
public sealed class ResourceCatalog
{
    private readonly FrozenDictionary<(string Group, string Version, string Plural), ResourceType> _byPath;

    private readonly Lazy<OpenApiDocuments> _documents;

    public ResourceCatalog(IEnumerable<ResourceType> custom, SchemaRegistry schemas)
    {
        Types = [.. BuiltInResources.List, .. custom];
        Schemas = schemas;
        _documents = new(() => new(schemas, [.. Types.Select(Served)]));
        _byPath = Types.ToFrozenDictionary(t => (t.Group, t.Version, t.Plural));
    }

    /// <summary>Built-in ones first; a custom resource's versions in order of preference.</summary>
    public IReadOnlyList<ResourceType> Types { get; }

    public SchemaRegistry Schemas { get; }

    public OpenApiDocuments Documents => _documents.Value;

    /// <summary>Named groups with their versions, preferred first.</summary>
    public IEnumerable<(string Group, IReadOnlyList<string> Versions)> Groups =>
        Types.Where(t => t.Group.Length > 0).GroupBy(t => t.Group)
            .Select(g => (g.Key, (IReadOnlyList<string>)[.. VersionOrder.Sort(g.Select(t => t.Version).Distinct())]));

    /// <summary>Null when nothing is served there.</summary>
    public ResourceType? Find(string group, string version, string plural) =>
        _byPath.GetValueOrDefault((group, version, plural));

    public IEnumerable<ResourceType> In(string group, string version) =>
        Types.Where(t => t.Group == group && t.Version == version);

    private static ServedResource Served(ResourceType type)
    {
        var subresources = type.Subresources.Select(s => s.Name);
        if (type.HasStatus) subresources = subresources.Append("status");
        if (type.Scale is not null) subresources = subresources.Append("scale");
        return new(type.GroupVersionKind, type.Plural, type.Namespaced, [.. subresources]);
    }
}
