using System.Threading.Channels;

namespace Causeway.Lab.ApiServer.Streams;

/// <summary>
/// What the API server asks of the kubelet that runs a pod. The server has checked that pod and container
/// exist in the API and that the pod is bound to a node; whether the container runs is for the kubelet to
/// say.
/// </summary>
public interface IKubeletStreams
{
    /// <summary>
    /// Writes a container's log to <paramref name="output"/>, flushing after each piece when following;
    /// returns at its end, or, when following, once the container has ended. Null, or why there is no log.
    /// </summary>
    Task<KubeletFault?> WriteLogAsync(PodLogRequest request, Stream output, CancellationToken cancel);

    /// <summary>Runs a command in a container and returns how it ended. Cancelled when the client goes
    /// away.</summary>
    Task<ExecOutcome> ExecAsync(PodExecRequest request, PodStreams streams, CancellationToken cancel);

    /// <summary>Joins the streams of the container's main process until it ends or the client goes
    /// away.</summary>
    Task<ExecOutcome> AttachAsync(PodExecRequest request, PodStreams streams, CancellationToken cancel);
}

/// <param name="Node">Where the pod runs.</param>
/// <param name="PodUid">Tells this pod from one of the same name before it.</param>
/// <param name="Previous">The log of the container's instance before the present one.</param>
/// <param name="Timestamps">Each line begins with its time in RFC 3339 form.</param>
/// <param name="TailLines">Only so many lines from the end.</param>
/// <param name="Since">Only what was written at or after this time.</param>
/// <param name="LimitBytes">Stop after so many bytes.</param>
public sealed record PodLogRequest(
    string Node, string Namespace, string Pod, string PodUid, string Container, bool Follow, bool Previous,
    bool Timestamps, long? TailLines, DateTimeOffset? Since, long? LimitBytes);

/// <param name="Command">Program and arguments; empty for attach.</param>
/// <param name="Tty">Wants a terminal; then there is no standard error apart from standard output.</param>
public sealed record PodExecRequest(
    string Node, string Namespace, string Pod, string PodUid, string Container,
    IReadOnlyList<string> Command, bool Tty);

/// <summary>The client's ends. Null where the client did not ask for one.</summary>
/// <param name="Stdin">Read until it gives 0 bytes: the client has closed its input.</param>
/// <param name="Stdout">Written pieces go out at once.</param>
/// <param name="Resizes">Sizes of the client's terminal, first one included.</param>
public sealed record PodStreams(
    Stream? Stdin, Stream? Stdout, Stream? Stderr, ChannelReader<TerminalSize>? Resizes);

/// <param name="Columns">In characters.</param>
public readonly record struct TerminalSize(ushort Columns, ushort Rows);

/// <summary>How a command ended: with an exit code, or not started or lost because of a fault.</summary>
public sealed record ExecOutcome(int ExitCode, KubeletFault? Fault = null)
{
    public static ExecOutcome Failed(string message) => new(-1, new(message));
}

/// <summary>Why the kubelet cannot serve a request, for people.</summary>
public sealed record KubeletFault(string Message);
