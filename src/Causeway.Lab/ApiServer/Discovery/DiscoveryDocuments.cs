using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Resources;

namespace Causeway.Lab.ApiServer.Discovery;

/// <summary>What the server serves, told one group version at a time.</summary>
public static class DiscoveryDocuments
{
    private static readonly string[] ObjectVerbs =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly string[] ChangeVerbs = ["get", "patch", "update"];

    /// <summary>Of the core group.</summary>
    public static JsonObject Versions(string address) => new()
    {
        ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject
        {
            ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address,
        }),
    };

    public static JsonObject Groups(ResourceCatalog catalog) => new()
    {
        ["kind"] = "APIGroupList", ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. catalog.Groups.Select(g => (JsonNode)Group(g.Group, g.Versions))]),
    };

    /// <summary>Null when there is no such group.</summary>
    public static JsonObject? Group(ResourceCatalog catalog, string group)
    {
        var (name, versions) = catalog.Groups.FirstOrDefault(g => g.Group == group);
        if (name is null) return null;
        var document = Group(name, versions);
        document["kind"] = "APIGroup";
        document["apiVersion"] = "v1";
        return document;
    }

    /// <summary>Null when there is no such group version.</summary>
    public static JsonObject? Resources(ResourceCatalog catalog, string group, string version)
    {
        var types = catalog.In(group, version).ToList();
        if (types.Count == 0) return null;
        return new()
        {
            ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = types[0].ApiVersion,
            ["resources"] = new JsonArray([.. types.SelectMany(Entries)]),
        };
    }

    /// <summary>The verbs of a resource's subresources, in order of name.</summary>
    internal static IEnumerable<Subresource> SubresourcesOf(ResourceType type)
    {
        IEnumerable<Subresource> all = type.Subresources;
        if (type.Scale is not null) all = all.Append(new("scale", "Scale", ChangeVerbs, "autoscaling", "v1"));
        if (type.HasStatus) all = all.Append(new("status", type.Kind, ChangeVerbs));
        return all.OrderBy(s => s.Name, StringComparer.Ordinal);
    }

    internal static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);

    internal static JsonArray VerbsOf() => Texts(ObjectVerbs);

    private static IEnumerable<JsonNode> Entries(ResourceType type)
    {
        JsonObject entry = new()
        {
            ["name"] = type.Plural, ["singularName"] = type.Singular, ["namespaced"] = type.Namespaced,
            ["kind"] = type.Kind, ["verbs"] = VerbsOf(),
        };
        if (type.ShortNames.Count > 0) entry["shortNames"] = Texts(type.ShortNames);
        if (type.Categories.Count > 0) entry["categories"] = Texts(type.Categories);
        yield return entry;
        foreach (var sub in SubresourcesOf(type))
        {
            JsonObject subEntry = new()
            {
                ["name"] = $"{type.Plural}/{sub.Name}", ["singularName"] = "",
                    ["namespaced"] = type.Namespaced,
            };
            if (sub.Version.Length > 0)
            {
                subEntry["group"] = sub.Group;
                subEntry["version"] = sub.Version;
            }
            subEntry["kind"] = sub.Kind;
            subEntry["verbs"] = Texts(sub.Verbs);
            yield return subEntry;
        }
    }

    private static JsonObject Group(string group, IReadOnlyList<string> versions)
    {
        JsonObject Version(string version) => new()
        {
            ["groupVersion"] = $"{group}/{version}", ["version"] = version,
        };
        return new()
        {
            ["name"] = group, ["versions"] = new JsonArray([.. versions.Select(v => (JsonNode)Version(v))]),
            ["preferredVersion"] = Version(versions[0]),
        };
    }
}
