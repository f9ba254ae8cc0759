using System.Text.Json.Nodes;
using Causeway.Core.Cluster;

namespace Causeway.Kubernetes.Discovery;

/// <summary>Which resource serves a kind, asked of the API server once per group and version.</summary>
public sealed class ResourceDiscovery(KubeClient client)
{
    private readonly Dictionary<string, IReadOnlyList<ApiResource>> _known = [];

    /// <summary>Null when the server does not serve the kind, now. Throws <see cref="KubeException"/>.</summary>
    public async Task<ApiResource?> FindAsync(string apiVersion, string kind, CancellationToken cancel)
    {
        if (!_known.TryGetValue(apiVersion, out var resources))
        {
            resources = await ListAsync(apiVersion, cancel);
            // A group that is not there may come with a CustomResourceDefinition.
            if (resources.Count > 0) _known[apiVersion] = resources;
        }
        return resources.FirstOrDefault(r => r.Kind == kind);
    }

    /// <summary>Forgets what it knows, since a definition was changed.</summary>
    public void Forget() => _known.Clear();

    private async Task<IReadOnlyList<ApiResource>> ListAsync(string apiVersion, CancellationToken cancel)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var (group, version) = slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
        var path = slash < 0 ? $"/api/{Uri.EscapeDataString(version)}"
            : $"/apis/{Uri.EscapeDataString(group)}/{Uri.EscapeDataString(version)}";
        JsonNode? answer;
        try
        {
            answer = await client.GetRaw(path, cancel);
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            return [];
        }
        List<ApiResource> resources = [];
        foreach (var entry in answer?["resources"] as JsonArray ?? [])
        {
            var plural = (string?)entry?["name"];
            var kind = (string?)entry?["kind"];
            // A name with a slash is a subresource.
            if (plural is null || kind is null || plural.Contains('/')) continue;
            resources.Add(new(group, version, kind, plural, (bool?)entry?["namespaced"] ?? false));
        }
        return resources;
    }
}
