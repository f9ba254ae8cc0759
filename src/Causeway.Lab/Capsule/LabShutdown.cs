using Causeway.Core;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Capsule;

/// <summary>Ends a lab's capsule, and removes what is left of the lab.</summary>
public static class LabShutdown
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Ends the capsule: asks first, then kills. False when it did not run.</summary>
    public static bool Stop(LabDirectory lab)
    {
        if (lab.RunningInit() is not { } init) return false;
        using var process = RunningProcess.Open(init.Pid);
        // Asked again with the process in hand: from here on its number cannot mean another.
        if (process is null || !init.IsAlive()) return false;
        process.Send(Signal.Terminate);
        if (process.WaitForExit(Patience)) return true;
        process.Send(Signal.Kill);
        if (!process.WaitForExit(Patience))
            throw new InvalidOperationException($"the init of lab '{lab.Name}' (process {init.Pid}) does not end");
        return true;
    }

    /// <summary>Ends the capsule and keeps the lab.</summary>
    public static bool StopClaimed(LabDirectory lab)
    {
        using var claim = Claim(lab);
        return Stop(lab);
    }

    /// <summary>Ends the capsule and deletes the lab. Safe to repeat after it was cut short.</summary>
    public static void Remove(LabDirectory lab)
    {
        using (var claim = Claim(lab))
        {
            Stop(lab);
            Directory.Delete(lab.Path, recursive: true);
        }
    }

    /// <summary>Throws <see cref="InputException"/> when another verb is at work on this lab.</summary>
    public static FileClaim Claim(LabDirectory lab) => FileClaim.TryTake(lab.LockFile)
        ?? throw new InputException(
            $"another 'causeway lab' command is bringing lab '{lab.Name}' up or down; wait for it, or end it");
}
