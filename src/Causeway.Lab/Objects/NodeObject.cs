using System.Globalization;
using Causeway.Core.Cluster;

namespace Causeway.Lab.Objects;

/// <summary>A node as the scheduler and the DaemonSet controller see it.</summary>
public sealed record NodeObject : KubeObject
{
    public const string NotReadyTaint = "node.kubernetes.io/not-ready";
    public const string UnschedulableTaint = "node.kubernetes.io/unschedulable";

    public NodeObjectSpec? Spec { get; init; }

    public NodeObjectStatus? Status { get; init; }

    public bool IsReady => Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    /// <summary>How many pods fit; 110 where the node does not say.</summary>
    public int PodCapacity =>
        int.TryParse(Status?.Allocatable?.GetValueOrDefault("pods"), NumberStyles.None, null, out var pods)
            ? pods : 110;

    /// <summary>The node's taints, with those that a cluster's node controller would add for its state: the
    /// lab has no such controller, and a condition and its taint cannot disagree this way.</summary>
    public IEnumerable<Taint> EffectiveTaints()
    {
        foreach (var taint in Spec?.Taints ?? []) yield return taint;
        if (!IsReady) yield return new(NotReadyTaint, "NoSchedule");
        if (Spec?.Unschedulable == true) yield return new(UnschedulableTaint, "NoSchedule");
    }
}

public sealed record NodeObjectSpec(bool Unschedulable = false, IReadOnlyList<Taint>? Taints = null);

public sealed record NodeObjectStatus(
    IReadOnlyDictionary<string, string>? Allocatable = null,
    IReadOnlyList<ObjectCondition>? Conditions = null);

/// <param name="Effect"><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</param>
public sealed record Taint(string Key, string Effect, string? Value = null)
{
    public bool KeepsPodsAway => Effect is "NoSchedule" or "NoExecute";
}

/// <param name="Operator"><c>Equal</c> (the default) or <c>Exists</c>.</param>
/// <param name="Effect">Null tolerates every effect.</param>
public sealed record Toleration(
    string? Key = null, string? Operator = null, string? Value = null, string? Effect = null)
{
    public bool Tolerates(Taint taint)
    {
        if (!string.IsNullOrEmpty(Effect) && Effect != taint.Effect) return false;
        if (!string.IsNullOrEmpty(Key) && Key != taint.Key) return false;
        if (Operator == "Exists") return true;
        return !string.IsNullOrEmpty(Key) && (Value ?? "") == (taint.Value ?? "");
    }
}

public sealed record PodAffinity(NodeAffinity? NodeAffinity = null);

/// <summary>Only what is required; preferences do not decide here.</summary>
public sealed record NodeAffinity(NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution = null);

/// <summary>One of the terms must match.</summary>
public sealed record NodeSelector(IReadOnlyList<NodeSelectorTerm>? NodeSelectorTerms = null)
{
    public bool Matches(NodeObject node) => NodeSelectorTerms?.Any(term => term.Matches(node)) == true;
}

/// <summary>All requirements must hold; a term without any matches nothing.</summary>
public sealed record NodeSelectorTerm(
    IReadOnlyList<SelectorRequirement>? MatchExpressions = null,
    IReadOnlyList<SelectorRequirement>? MatchFields = null)
{
    public bool Matches(NodeObject node)
    {
        if (MatchExpressions is not { Count: > 0 } && MatchFields is not { Count: > 0 }) return false;
        return (MatchExpressions ?? []).All(r => r.Matches(node.Metadata.Labels?.GetValueOrDefault(r.Key)))
            && (MatchFields ?? []).All(r => r.Key == "metadata.name" && r.Matches(node.Metadata.Name));
    }
}
