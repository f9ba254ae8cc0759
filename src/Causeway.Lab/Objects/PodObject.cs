using System.Text.Json;
using Causeway.Core.Cluster;

namespace Causeway.Lab.Objects;

/// <summary>A pod with what scheduler, controllers and kubelet need of it.</summary>
public sealed record PodObject : KubeObject
{
    public PodObjectSpec? Spec { get; init; }

    public PodObjectStatus? Status { get; init; }

    /// <summary><c>NAMESPACE/NAME</c>.</summary>
    public string Key => $"{Metadata.Namespace}/{Metadata.Name}";

    public string Phase => Status?.Phase ?? PodPhase.Pending;

    public bool IsFinished => Phase is PodPhase.Succeeded or PodPhase.Failed;

    public bool IsDeleting => Metadata.DeletionTimestamp is not null;

    /// <summary>Counts as a replica: neither finished nor on its way out.</summary>
    public bool IsActive => !IsFinished && !IsDeleting;

    public bool IsReady => Condition("Ready")?.Status == "True";

    public ObjectCondition? Condition(string type) => Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    /// <summary>Ready for at least so long. Not yet: <paramref name="remaining"/> says how much is
    /// missing.</summary>
    public bool IsAvailable(int minReadySeconds, DateTimeOffset now, out TimeSpan? remaining)
    {
        remaining = null;
        if (Condition("Ready") is not { Status: "True" } ready) return false;
        if (minReadySeconds <= 0) return true;
        var left = (ready.LastTransitionTime ?? now) + TimeSpan.FromSeconds(minReadySeconds) - now;
        if (left <= TimeSpan.Zero) return true;
        remaining = left;
        return false;
    }
}

public static class PodPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";
}

public sealed record PodObjectSpec
{
    public string? NodeName { get; init; }

    public bool HostNetwork { get; init; }

    public string? Hostname { get; init; }

    public string? Subdomain { get; init; }

    public bool SetHostnameAsFQDN { get; init; }

    public string? SchedulerName { get; init; }

    public string? ServiceAccountName { get; init; }

    /// <summary><c>Always</c> (the default), <c>OnFailure</c> or <c>Never</c>.</summary>
    public string? RestartPolicy { get; init; }

    public long? TerminationGracePeriodSeconds { get; init; }

    public string? DnsPolicy { get; init; }

    public PodDnsConfig? DnsConfig { get; init; }

    public IReadOnlyList<HostAlias>? HostAliases { get; init; }

    public IReadOnlyList<VolumeSpec>? Volumes { get; init; }

    /// <summary>Whether containers are told of the namespace's Services by their environment; so unless
    /// false.</summary>
    public bool? EnableServiceLinks { get; init; }

    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    public PodAffinity? Affinity { get; init; }

    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    public IReadOnlyList<ContainerSpec>? InitContainers { get; init; }

    public IReadOnlyList<ContainerSpec>? Containers { get; init; }

    public IReadOnlyList<ContainerSpec> AllContainers => [.. InitContainers ?? [], .. Containers ?? []];
}

public sealed record HostAlias(string Ip, IReadOnlyList<string>? Hostnames = null);

public sealed record ContainerSpec
{
    public string Name { get; init; } = "";

    public string? Image { get; init; }

    public IReadOnlyList<string>? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public string? WorkingDir { get; init; }

    /// <summary>Of an init container: <c>Always</c> makes it a sidecar.</summary>
    public string? RestartPolicy { get; init; }

    public IReadOnlyList<EnvironmentVariable>? Env { get; init; }

    public IReadOnlyList<EnvironmentFrom>? EnvFrom { get; init; }

    public IReadOnlyList<VolumeMountSpec>? VolumeMounts { get; init; }

    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    public ProbeSpec? LivenessProbe { get; init; }

    public ProbeSpec? ReadinessProbe { get; init; }

    public ProbeSpec? StartupProbe { get; init; }

    public ContainerLifecycle? Lifecycle { get; init; }
}

public sealed record EnvironmentVariable(string Name, string? Value = null,
    EnvironmentSource? ValueFrom = null);

public sealed record EnvironmentSource(
    FieldReference? FieldRef = null, KeyReference? ConfigMapKeyRef = null, KeyReference? SecretKeyRef = null);

/// <summary>A key of a ConfigMap or Secret of the pod's namespace.</summary>
public sealed record KeyReference(string Name = "", string Key = "", bool Optional = false);

/// <summary>All keys of one of these as variables.</summary>
public sealed record EnvironmentFrom(
    string? Prefix = null, ObjectReference? ConfigMapRef = null, ObjectReference? SecretRef = null);

public sealed record ObjectReference(string Name = "", bool Optional = false);

public sealed record FieldReference(string FieldPath);

public sealed record ContainerPort
{
    /// <summary>The field is <c>containerPort</c>.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("containerPort")]
    public int Port { get; init; }

    public int? HostPort { get; init; }

    public string? HostIP { get; init; }

    public string? Name { get; init; }

    public string? Protocol { get; init; }
}

/// <summary>The statuses are kept as JSON: the kubelet alone writes them and reads back only restart
/// counts.</summary>
public sealed record PodObjectStatus
{
    public string? Phase { get; init; }

    public string? Reason { get; init; }

    public string? PodIP { get; init; }

    public IReadOnlyList<PodIp>? PodIPs { get; init; }

    public string? HostIP { get; init; }

    public DateTimeOffset? StartTime { get; init; }

    public IReadOnlyList<ObjectCondition>? Conditions { get; init; }

    public IReadOnlyList<ContainerStatusObject>? InitContainerStatuses { get; init; }

    public IReadOnlyList<ContainerStatusObject>? ContainerStatuses { get; init; }
}

public sealed record ContainerStatusObject
{
    public string Name { get; init; } = "";

    public int RestartCount { get; init; }

    public JsonElement? State { get; init; }
}

public sealed record ObjectCondition
{
    public string Type { get; init; } = "";

    public string Status { get; init; } = "Unknown";

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset? LastUpdateTime { get; init; }

    public DateTimeOffset? LastTransitionTime { get; init; }
}
