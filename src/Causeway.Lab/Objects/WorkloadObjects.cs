using System.Text.Json;
using Causeway.Core.Cluster;

namespace Causeway.Lab.Objects;

/// <summary>A ReplicaSet.</summary>
public sealed record ReplicaSetObject : KubeObject
{
    public ReplicaSetObjectSpec? Spec { get; init; }

    public ReplicaSetObjectStatus? Status { get; init; }

    public int Replicas => Spec?.Replicas ?? 1;
}

public sealed record ReplicaSetObjectSpec
{
    public int? Replicas { get; init; }

    public int MinReadySeconds { get; init; }

    public ObjectSelector? Selector { get; init; }

    public JsonElement Template { get; init; }
}

public sealed record ReplicaSetObjectStatus
{
    public int Replicas { get; init; }

    public int FullyLabeledReplicas { get; init; }

    public int ReadyReplicas { get; init; }

    public int AvailableReplicas { get; init; }

    public long ObservedGeneration { get; init; }
}

/// <summary>A Deployment.</summary>
public sealed record DeploymentObject : KubeObject
{
    public DeploymentObjectSpec? Spec { get; init; }

    public DeploymentObjectStatus? Status { get; init; }

    public int Replicas => Spec?.Replicas ?? 1;
}

public sealed record DeploymentObjectSpec
{
    public int? Replicas { get; init; }

    public int MinReadySeconds { get; init; }

    public int? RevisionHistoryLimit { get; init; }

    public int? ProgressDeadlineSeconds { get; init; }

    public bool Paused { get; init; }

    public ObjectSelector? Selector { get; init; }

    public UpdateStrategy? Strategy { get; init; }

    public JsonElement Template { get; init; }
}

/// <summary>Of Deployments (<c>RollingUpdate</c>, <c>Recreate</c>) and DaemonSets (<c>RollingUpdate</c>,
/// <c>OnDelete</c>).</summary>
public sealed record UpdateStrategy(string? Type = null, RollingUpdate? RollingUpdate = null);

/// <summary>Each a number or a percentage.</summary>
public sealed record RollingUpdate(JsonElement? MaxSurge = null, JsonElement? MaxUnavailable = null);

public sealed record DeploymentObjectStatus
{
    public int Replicas { get; init; }

    public int UpdatedReplicas { get; init; }

    public int ReadyReplicas { get; init; }

    public int AvailableReplicas { get; init; }

    public int UnavailableReplicas { get; init; }

    public long ObservedGeneration { get; init; }

    public int? CollisionCount { get; init; }

    public IReadOnlyList<ObjectCondition>? Conditions { get; init; }
}

/// <summary>A DaemonSet.</summary>
public sealed record DaemonSetObject : KubeObject
{
    public DaemonSetObjectSpec? Spec { get; init; }

    public DaemonSetObjectStatus? Status { get; init; }
}

public sealed record DaemonSetObjectSpec
{
    public int MinReadySeconds { get; init; }

    public ObjectSelector? Selector { get; init; }

    public UpdateStrategy? UpdateStrategy { get; init; }

    public JsonElement Template { get; init; }
}

public sealed record DaemonSetObjectStatus
{
    public int CurrentNumberScheduled { get; init; }

    public int DesiredNumberScheduled { get; init; }

    public int NumberMisscheduled { get; init; }

    public int NumberReady { get; init; }

    public int NumberAvailable { get; init; }

    public int NumberUnavailable { get; init; }

    public int UpdatedNumberScheduled { get; init; }

    public long ObservedGeneration { get; init; }
}

/// <summary>A namespace with its life cycle.</summary>
public sealed record NamespaceObject : KubeObject
{
    /// <summary>The finalizer of the namespace controller, in the spec rather than the metadata.</summary>
    public const string KubernetesFinalizer = "kubernetes";

    public NamespaceObjectSpec? Spec { get; init; }
}

public sealed record NamespaceObjectSpec(IReadOnlyList<string>? Finalizers = null);

/// <summary>Any object, for what follows from metadata alone.</summary>
public sealed record BareObject : KubeObject;
