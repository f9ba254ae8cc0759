using System.Text.Json;

namespace Causeway.Lab.Objects;

/// <summary>How a kubelet asks a container how it is; one of the four ways is set. Times are in
/// seconds.</summary>
public sealed record ProbeSpec
{
    public HttpGetAction? HttpGet { get; init; }

    public TcpSocketAction? TcpSocket { get; init; }

    public ExecAction? Exec { get; init; }

    public GrpcAction? Grpc { get; init; }

    public int InitialDelaySeconds { get; init; }

    public int PeriodSeconds { get; init; } = 10;

    public int TimeoutSeconds { get; init; } = 1;

    public int SuccessThreshold { get; init; } = 1;

    public int FailureThreshold { get; init; } = 3;

    /// <summary>Of the container that this probe ends; null for the pod's own.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }
}

/// <param name="Port">A number, or the name of one of the container's ports.</param>
/// <param name="Host">Null for the pod's address.</param>
/// <param name="Scheme"><c>HTTP</c> or <c>HTTPS</c>.</param>
public sealed record HttpGetAction(
    JsonElement Port, string? Path = null, string? Host = null, string? Scheme = null,
    IReadOnlyList<HttpHeaderField>? HttpHeaders = null);

public sealed record HttpHeaderField(string Name, string Value);

/// <param name="Port">A number, or the name of one of the container's ports.</param>
public sealed record TcpSocketAction(JsonElement Port, string? Host = null);

public sealed record ExecAction(IReadOnlyList<string>? Command = null);

/// <param name="Service">For the health protocol's request; null asks for the whole server.</param>
public sealed record GrpcAction(int Port, string? Service = null);

public sealed record ContainerLifecycle(LifecycleHook? PreStop = null);

/// <summary>Done before a container is told to end; one of the ways is set.</summary>
public sealed record LifecycleHook(
    ExecAction? Exec = null, HttpGetAction? HttpGet = null, SleepAction? Sleep = null);

public sealed record SleepAction(long Seconds);
