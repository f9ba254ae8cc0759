using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Deployments;

/// <summary>A Deployment's ReplicaSets, told apart.</summary>
/// <param name="Hash">Of the present template.</param>
/// <param name="New">The set of the present template; null until it is made.</param>
/// <param name="Old">The others, highest revision first.</param>
/// <param name="HashTaken">The set named by the hash is of another template.</param>
public sealed record Rollout(
    string Hash, ReplicaSetObject? New, IReadOnlyList<ReplicaSetObject> Old, bool HashTaken)
{
    public const string HashLabel = "pod-template-hash";

    public IEnumerable<ReplicaSetObject> All => New is null ? Old : [New, .. Old];

    public static Rollout Of(DeploymentObject deployment, IReadOnlyCollection<ReplicaSetObject> owned)
    {
        var template = deployment.Spec?.Template ?? default;
        var hash = TemplateHash.Of(template, deployment.Status?.CollisionCount ?? 0);
        var wanted = TemplateComparison.Canonical(template);
        // The oldest, where a race of two controllers left twins.
        var current = owned
            .Where(s => TemplateComparison.Canonical(s.Spec?.Template ?? default) == wanted)
            .OrderBy(s => s.Metadata.CreationTimestamp)
            .ThenBy(s => s.Metadata.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        var old = owned.Where(s => !ReferenceEquals(s, current))
            .OrderByDescending(Revisions.Of)
            .ThenByDescending(s => s.Metadata.CreationTimestamp)
            .ThenBy(s => s.Metadata.Name, StringComparer.Ordinal)
            .ToList();
        var name = NewReplicaSet.NameOf(deployment, hash);
        return new(hash, current, old, current is null && old.Any(s => s.Metadata.Name == name));
    }
}
