using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;

namespace Causeway.Lab.Controllers.NamespaceLifecycle;

/// <summary>What a namespace holds, of every resource that the API server serves, custom ones
/// included.</summary>
internal sealed class NamespaceContents(KubeClient client)
{
    /// <summary>Everything in the namespace that can be deleted.</summary>
    public async Task<IReadOnlyList<(ApiResource Resource, JsonObject Object)>> ListAsync(string ns,
        CancellationToken cancel)
    {
        List<(ApiResource, JsonObject)> all = [];
        foreach (var resource in await ResourcesAsync(cancel))
        {
            var list = await client.List(KubeTypes.Tree(resource), null, ns, onProblem: null, cancel);
            all.AddRange(list.Items.Select(item => (resource, item)));
        }
        return all;
    }

    private async Task<IReadOnlyList<ApiResource>> ResourcesAsync(CancellationToken cancel)
    {
        List<ApiResource> resources = [];
        await AddAsync("", "v1", resources, cancel);
        var groups = await client.GetRaw("/apis", cancel);
        foreach (var group in groups?["groups"] as JsonArray ?? [])
            if ((string?)group?["name"] is { } name
                && (string?)group["preferredVersion"]?["version"] is { } version)
                await AddAsync(name, version, resources, cancel);
        return resources;
    }

    private async Task AddAsync(string group, string version, List<ApiResource> resources,
        CancellationToken cancel)
    {
        var list = await client.GetRaw(group.Length == 0 ? $"/api/{version}"
            : $"/apis/{group}/{version}", cancel);
        foreach (var entry in list?["resources"] as JsonArray ?? [])
        {
            var verbs = (entry?["verbs"] as JsonArray ?? []).Select(v => (string?)v).ToList();
            if ((bool?)entry?["namespaced"] != true || !verbs.Contains("list")
                || !verbs.Contains("delete")) continue;
            var (plural, kind) = ((string?)entry["name"] ?? "", (string?)entry["kind"] ?? "");
            if (plural.Length > 0
                && !plural.Contains('/')) resources.Add(new(group, version, kind, plural, true));
        }
    }
}
