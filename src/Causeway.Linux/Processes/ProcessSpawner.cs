using System.Collections;
using System.Runtime.InteropServices;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;

namespace Causeway.Linux.Processes;

/// <summary>
/// Starts programs with posix_spawn: the child is made by the calling thread, so it is born in that thread's
/// network and mount namespaces. Signal mask and handlers of the child are the defaults.
/// </summary>
public static class ProcessSpawner
{
    /// <summary>Starts a program. Throws <see cref="SystemCallException"/> that names it.</summary>
    public static ChildProcess Spawn(ProcessStart start)
    {
        if (start.Arguments.Count == 0) throw new ArgumentException("no program to start", nameof(start));
        using var descriptors = new ChildDescriptors(start);
        return Reaper.Register(() => Spawn(start, descriptors), start.Arguments[0], start.NewSession);
    }

    /// <summary>
    /// Runs a program to its end with its output collected as UTF-8. It is started, before this method
    /// returns, by the calling thread. It and its descendants are killed at the timeout
    /// (<see cref="TimeoutException"/>) and on cancellation.
    /// </summary>
    public static Task<ProcessResult> Run(
        IReadOnlyList<string> arguments, string input = "", TimeSpan? timeout = null,
        CancellationToken cancellation = default) =>
        Run(new ProcessStart(arguments), input, timeout, cancellation);

    /// <summary>As the other, with environment, directory and descriptors; the three standard streams are
    /// taken.</summary>
    public static Task<ProcessResult> Run(
        ProcessStart start, string input = "", TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var pump = new ProcessPump(start, input, timeout, cancellation);
        return HomeThread.Run(start.Arguments[0], pump.Run);
    }

    /// <summary>As the other, in a network namespace, by handle; the start too is on the thread that waits.</summary>
    /// <param name="what">Names the namespace in an error.</param>
    public static Task<ProcessResult> RunIn(
        SafeHandle network, string what, ProcessStart start, string input, TimeSpan? timeout,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return HomeThread.Run(start.Arguments[0], () =>
            NetworkNamespace.Visit(network, what, () => new ProcessPump(start, input, timeout, cancellation)).Run());
    }

    private static unsafe int Spawn(ProcessStart start, ChildDescriptors descriptors)
    {
        byte* actions = stackalloc byte[Libc.OpaqueSize];
        byte* attributes = stackalloc byte[Libc.OpaqueSize];
        using var argv = new NativeStrings(start.Arguments);
        using var environment = new NativeStrings(Environment(start));
        using var directory = new NativeStrings(start.WorkingDirectory is { } d ? [d] : []);
        Libc.ActionsInit(actions);
        Libc.AttributesInit(attributes);
        try
        {
            SetAttributes(attributes, start.NewSession);
            if (start.WorkingDirectory is not null)
            {
                SystemCallException.CheckCode(
                    Libc.ActionsChangeDirectory(actions, directory.Pointer[0]), $"cannot start {Describe(start)}");
            }
            descriptors.AddTo(actions);
            int pid;
            var error = start.Arguments[0].Contains('/')
                ? Libc.Spawn(&pid, argv.Pointer[0], actions, attributes, argv.Pointer, environment.Pointer)
                : Libc.SpawnSearched(&pid, argv.Pointer[0], actions, attributes, argv.Pointer, environment.Pointer);
            return error == 0 ? pid : throw new SystemCallException($"cannot start {Describe(start)}", error);
        }
        finally
        {
            Libc.ActionsDestroy(actions);
            Libc.AttributesDestroy(attributes);
        }
    }

    private static unsafe void SetAttributes(byte* attributes, bool newSession)
    {
        byte* signals = stackalloc byte[Libc.OpaqueSize];
        Libc.SignalsFill(signals);
        Libc.AttributesSetSignalDefault(attributes, signals);
        Libc.SignalsEmpty(signals);
        Libc.AttributesSetSignalMask(attributes, signals);
        var flags = Libc.SpawnSetSignalDefault | Libc.SpawnSetSignalMask | (newSession ? Libc.SpawnSetSession : 0);
        Libc.AttributesSetFlags(attributes, (short)flags);
    }

    private static List<string> Environment(ProcessStart start)
    {
        if (start.Environment is { } given) return [.. given.Select(v => $"{v.Key}={v.Value}")];
        var own = new List<string>();
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
            own.Add($"{variable.Key}={variable.Value}");
        return own;
    }

    private static string Describe(ProcessStart start) => start.WorkingDirectory is { } directory
        ? $"'{start.Arguments[0]}' in directory '{directory}'"
        : $"'{start.Arguments[0]}'";
}
