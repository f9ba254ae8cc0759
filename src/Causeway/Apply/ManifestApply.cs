using Causeway.Core;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Discovery;
using Causeway.Kubernetes.Manifests;

namespace Causeway.Apply;

/// <summary>What became of one object.</summary>
/// <param name="Object"><c>deployment.apps/web</c>, as kubectl writes it.</param>
/// <param name="Action"><c>created</c>, <c>configured</c> or <c>unchanged</c>.</param>
internal readonly record struct Applied(string Object, string? Namespace, string Action);

/// <summary>Writes manifests to a cluster by server-side apply.</summary>
internal sealed class ManifestApply(KubeClient client, string defaultNamespace, TimeProvider time)
{
    private const string DefinitionKind = "CustomResourceDefinition";

    /// <summary>How long a kind is waited for whose definition was just written.</summary>
    private static readonly TimeSpan DefinitionPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly ResourceDiscovery _discovery = new(client);
    private bool _definitionWritten;

    /// <summary>In order, but what others need goes first. Throws <see cref="InputException"/> naming the place.</summary>
    public async Task RunAsync(
        IReadOnlyList<Manifest> manifests, Action<Applied> onApplied, CancellationToken cancel)
    {
        foreach (var manifest in manifests.OrderBy(Rank))
        {
            var resource = await ResourceOfAsync(manifest, cancel);
            onApplied(await ApplyAsync(manifest, resource, cancel));
            if (manifest.Kind != DefinitionKind) continue;
            _definitionWritten = true;
            _discovery.Forget();
        }
    }

    private static int Rank(Manifest manifest) => manifest.Kind switch
    {
        "Namespace" or DefinitionKind => 0,
        _ => 1,
    };

    private async Task<ApiResource> ResourceOfAsync(Manifest manifest, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (await _discovery.FindAsync(manifest.ApiVersion, manifest.Kind, cancel) is { } found) return found;
            if (!_definitionWritten || time.GetElapsedTime(began) > DefinitionPatience)
                throw new InputException(
                    $"{manifest.Where}: the cluster has no kind '{manifest.Kind}' in '{manifest.ApiVersion}'");
            _discovery.Forget();
            await Task.Delay(Pause, time, cancel);
        }
    }

    private async Task<Applied> ApplyAsync(Manifest manifest, ApiResource resource, CancellationToken cancel)
    {
        if (!resource.Namespaced && manifest.Namespace is not null)
            throw new InputException($"{manifest.Where}: metadata.namespace: a {manifest.Kind} has no namespace");
        var ns = resource.Namespaced ? manifest.Namespace ?? defaultNamespace : null;
        var type = KubeTypes.Tree(resource);
        try
        {
            var before = await client.Find(type, manifest.Name, ns, cancel);
            var after = await client.Patch(
                type, manifest.Name, PatchFormat.Apply, manifest.Object, ns,
                new PatchOptions(FieldManager: "causeway-apply", Force: true, FieldValidation: "Strict"), cancel);
            var name = resource.Group.Length == 0 ? manifest.Kind.ToLowerInvariant()
                : $"{manifest.Kind.ToLowerInvariant()}.{resource.Group}";
            var action = before is null ? "created"
                : type.Identity(before).ResourceVersion == type.Identity(after).ResourceVersion ? "unchanged"
                : "configured";
            return new($"{name}/{manifest.Name}", ns, action);
        }
        catch (KubeException e) when (e.IsInvalid || e.IsNotFound || e.IsForbidden)
        {
            throw manifest.Refused(e.Message, e);
        }
    }
}
