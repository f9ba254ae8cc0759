using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Resources;

namespace Causeway.Lab.ApiServer.Discovery;

/// <summary>What the server serves, all in one document (KEP-3352, apidiscovery.k8s.io v2 and
/// v2beta1).</summary>
public static class AggregatedDiscovery
{
    public static string ContentType(string version) =>
        $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList";

    /// <param name="version">Of the document: v2 or v2beta1.</param>
    /// <param name="core">The core group alone (<c>/api</c>), or all others (<c>/apis</c>).</param>
    public static JsonObject Document(ResourceCatalog catalog, string version, bool core)
    {
        IEnumerable<(string Group, IReadOnlyList<string> Versions)> groups = core ? [("", ["v1"])]
            : catalog.Groups;
        return new()
        {
            ["kind"] = "APIGroupDiscoveryList", ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. groups.Select(g => (JsonNode)Group(catalog, g.Group, g.Versions))]),
        };
    }

    private static JsonObject Group(ResourceCatalog catalog, string group, IReadOnlyList<string> versions)
    {
        var metadata = new JsonObject { ["creationTimestamp"] = null };
        if (group.Length > 0) metadata["name"] = group;
        return new()
        {
            ["metadata"] = metadata,
            ["versions"] = new JsonArray([.. versions.Select(v => (JsonNode)new JsonObject
            {
                ["version"] = v,
                ["resources"] = new JsonArray([.. catalog.In(group, v).Select(Resource)]),
                ["freshness"] = "Current",
            })]),
        };
    }

    private static JsonNode Resource(ResourceType type)
    {
        JsonObject entry = new()
        {
            ["resource"] = type.Plural, ["responseKind"] = Kind(type.Group, type.Version, type.Kind),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster", ["singularResource"] = type.Singular,
            ["verbs"] = DiscoveryDocuments.VerbsOf(),
        };
        if (type.ShortNames.Count > 0) entry["shortNames"] = DiscoveryDocuments.Texts(type.ShortNames);
        if (type.Categories.Count > 0) entry["categories"] = DiscoveryDocuments.Texts(type.Categories);
        var subresources = DiscoveryDocuments.SubresourcesOf(type).Select(sub => (JsonNode)new JsonObject
        {
            ["subresource"] = sub.Name,
            ["responseKind"] = sub.Version.Length > 0
                ? Kind(sub.Group, sub.Version, sub.Kind) : Kind(type.Group, type.Version, sub.Kind),
            ["verbs"] = DiscoveryDocuments.Texts(sub.Verbs),
        }).ToArray();
        if (subresources.Length > 0) entry["subresources"] = new JsonArray(subresources);
        return entry;
    }

    private static JsonObject Kind(string group, string version, string kind) => new()
    {
        ["group"] = group, ["version"] = version, ["kind"] = kind,
    };
}
