using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;

namespace Causeway.Lab.Controllers.Garbage;

/// <summary>An object as the garbage collector sees it.</summary>
public sealed record OwnedObject(ApiResource Resource, KubeObject Object)
{
    public ObjectMeta Meta => Object.Metadata;

    public bool IsDeleting => Meta.DeletionTimestamp is not null;

    public bool Has(string finalizer) => Meta.Finalizers?.Contains(finalizer) == true;

    public OwnerReference? ReferenceTo(string uid) => Meta.OwnerReferences?.FirstOrDefault(o => o.Uid == uid);
}

/// <summary>
/// What to do with an object for the sake of owners and dependents, as the API's deletion policies define it.
/// </summary>
public static class OwnershipGraph
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    /// <param name="target">The object judged.</param>
    /// <param name="owners">Those of its owner references that exist, by uid; asked of the API, not of a
    /// cache that may lag.</param>
    /// <param name="dependents">Objects that name it as an owner.</param>
    public static ImmutableArray<ObjectWrite> Judge(
        OwnedObject target, IReadOnlyDictionary<string, OwnedObject> owners,
        IReadOnlyCollection<OwnedObject> dependents)
    {
        if (target.IsDeleting)
        {
            if (target.Has(OrphanFinalizer)) return Orphan(target, dependents);
            return target.Has(ForegroundFinalizer) ? Foreground(target, dependents) : [];
        }
        var references = target.Meta.OwnerReferences ?? [];
        if (references.Count == 0
            || references.Any(r => owners.TryGetValue(r.Uid, out var o) && !Waits(o))) return [];
        // Owners that wait for their dependents pull in the foreground, those that are gone in the
        // background.
        var policy = references.Any(r => owners.ContainsKey(r.Uid)) && dependents.Count > 0 ? "Foreground"
            : "Background";
        return [Delete(target, policy)];
    }

    /// <summary>The owner goes once no dependent that blocks it is left.</summary>
    private static ImmutableArray<ObjectWrite> Foreground(OwnedObject owner,
        IReadOnlyCollection<OwnedObject> dependents)
    {
        if (dependents.Any(d => d.ReferenceTo(owner.Meta.Uid!)?.BlockOwnerDeletion == true)) return [];
        return [WithoutFinalizer(owner, ForegroundFinalizer)];
    }

    /// <summary>Dependents lose their reference, then the owner goes.</summary>
    private static ImmutableArray<ObjectWrite> Orphan(OwnedObject owner,
        IReadOnlyCollection<OwnedObject> dependents)
    {
        var uid = owner.Meta.Uid!;
        return
        [
            .. dependents.Where(d => !d.IsDeleting).Select(d =>
                OwnedObjects.Release(d.Resource, d.Object, uid)),
            WithoutFinalizer(owner, OrphanFinalizer),
        ];
    }

    private static bool Waits(OwnedObject owner) => owner.IsDeleting && owner.Has(ForegroundFinalizer);

    private static ObjectWrite.Delete Delete(OwnedObject target, string policy) => new(
        target.Resource, target.Meta.Namespace, target.Meta.Name, target.Meta.Uid ?? "", policy);

    private static ObjectWrite.Patch WithoutFinalizer(OwnedObject target, string finalizer)
    {
        var metadata = OwnedObjects.Exactly(target.Object);
        metadata["finalizers"] = new JsonArray(
            [.. target.Meta.Finalizers!.Where(f => f != finalizer).Select(f => (JsonNode)f)]);
        return new(
            target.Resource, target.Meta.Namespace, target.Meta.Name, new() { ["metadata"] = metadata });
    }
}
