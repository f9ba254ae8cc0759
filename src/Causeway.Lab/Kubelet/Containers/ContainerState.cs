namespace Causeway.Lab.Kubelet.Containers;

/// <summary>What a container does: one of the nested cases, as the API's container statuses tell
/// them.</summary>
public abstract record ContainerState
{
    public sealed record Waiting(string Reason, string? Message = null) : ContainerState;

    public sealed record Running(DateTimeOffset StartedAt) : ContainerState;

    public sealed record Terminated(
        int ExitCode, string Reason, DateTimeOffset StartedAt, DateTimeOffset FinishedAt,
        string? Message = null)
        : ContainerState;

    public static readonly ContainerState Creating = new Waiting("ContainerCreating");

    public static readonly ContainerState Initializing = new Waiting("PodInitializing");
}

/// <summary>What is known of one container of a pod.</summary>
/// <param name="Id">64 hex digits of the present or last instance; null before the first start.</param>
/// <param name="Ready">It runs and serves: as its readiness probe says, or without one, a built-in server
/// says so.</param>
/// <param name="Started">It runs, and its startup probe, if any, has succeeded.</param>
/// <param name="Over">It has ended and will not be started again.</param>
public sealed record ContainerObservation(
    string Name, string Image, ContainerState State, ContainerState? LastState = null, int RestartCount = 0,
    string? Id = null, bool Ready = false, bool Over = false, bool Started = false)
{
    public bool Succeeded => State is ContainerState.Terminated { ExitCode: 0 };
}
