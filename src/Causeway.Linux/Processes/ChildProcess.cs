using Causeway.Linux.Native;

namespace Causeway.Linux.Processes;

/// <summary>
/// A process started by <see cref="ProcessSpawner"/>. Its exit is collected whether or not anyone awaits it.
/// </summary>
public sealed class ChildProcess
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ChildProcess(int pid, string program, bool leadsGroup)
    {
        Pid = pid;
        Program = program;
        LeadsGroup = leadsGroup;
    }

    public int Pid { get; }

    public string Program { get; }

    /// <summary>Whether it leads a process group of its own.</summary>
    public bool LeadsGroup { get; }

    /// <summary>Completes with 0..255, or with 128 + signal for a death by signal. Never faults.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>Sends a signal; false when the process has ended.</summary>
    public bool Kill(Signal signal)
    {
        // Collecting the exit frees the number for another process, so both happen under this lock.
        lock (_lock) return !_exited.Task.IsCompleted && Send(Pid, signal);
    }

    /// <summary>
    /// Sends a signal to the whole group that the process leads, also after it has itself ended;
    /// false when nobody is left. Throws when it does not lead one (<see cref="ProcessStart.NewSession"/>).
    /// </summary>
    public bool KillGroup(Signal signal)
    {
        if (!LeadsGroup) throw new InvalidOperationException($"{Program} ({Pid}) does not lead a process group");
        return Send(-Pid, signal);
    }

    internal void Collect(Func<int> reap)
    {
        lock (_lock) _exited.TrySetResult(reap());
    }

    private bool Send(int target, Signal signal)
    {
        if (Libc.Kill(target, (int)signal) == 0) return true;
        var error = SystemCallException.FromLast($"cannot send {signal} to {Program} ({Pid})");
        return error.Errno == Errno.NoProcess ? false : throw error;
    }

    public override string ToString() => $"{Program} ({Pid})";
}
