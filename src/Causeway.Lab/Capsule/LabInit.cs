using System.Runtime.InteropServices;
using Causeway.Core;
using Causeway.Lab.Fabric;
using Causeway.Lab.Nodes;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Capsule;

/// <summary>PID 1 of a capsule: makes it what the lab is, and lives as long as the lab runs.</summary>
public static class LabInit
{
    private static readonly TimeSpan DirectoryInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs until it is told to end (SIGTERM) or cannot go on; its end takes everything in the capsule along.
    /// Steps go to <paramref name="output"/>, what happens later to <paramref name="log"/>. Gives the exit code.
    /// </summary>
    public static async Task<int> RunAsync(LabDirectory lab, TimeProvider time, TextWriter output, TextWriter log)
    {
        var progress = new InitProgress(output);
        using var lifetime = new CancellationTokenSource();
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            lifetime.Cancel();
        });
        try
        {
            using var claim = FileClaim.TryTake(lab.InitLockFile)
                ?? throw new InputException($"lab '{lab.Name}' runs already");
            var self = Enter(lab);
            progress.Step("capsule entered: own processes, mounts and network");
            _ = EndWithDirectory(lab, self, time, lifetime, log);
            await new LabProgram(lab, time, progress, log).RunAsync(lifetime.Token);
            return 0;
        }
        catch (OperationCanceledException) when (lifetime.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e)
        {
            progress.Failed(e.Message);
            // What the user can mend is said; of what only we can, the place helps.
            if (e is not InputException) await log.WriteLineAsync($"init: {e}");
            return 1;
        }
    }

    /// <summary>A lab whose directory somebody deleted can no longer be found by any verb: it ends.</summary>
    private static async Task EndWithDirectory(
        LabDirectory lab, ProcessIdentity self, TimeProvider time, CancellationTokenSource lifetime, TextWriter log)
    {
        // Asked for by name first, which takes no descriptor: a want of those must not end a lab.
        while (File.Exists(lab.InitFile) && (lab.ReadInit() is not { } init || init == self))
            await Task.Delay(DirectoryInterval, time, lifetime.Token);
        await log.WriteLineAsync($"init: {lab.InitFile} is gone, and with it this lab");
        await lifetime.CancelAsync();
    }

    private static ProcessIdentity Enter(LabDirectory lab)
    {
        // The host's /proc still stands here, so it gives the host's number for this process.
        var self = File.ResolveLinkTarget("/proc/self", returnFinalTarget: false)?.Name
            ?? throw new InvalidOperationException("/proc is not mounted");
        var identity = ProcessIdentity.Of(int.Parse(self))
            ?? throw new InvalidOperationException($"no process {self} in /proc");
        lab.Write(identity);
        Environment.SetEnvironmentVariable(CapsuleEntry.Variable, lab.Path);
        CapsuleMounts.Apply();
        Reaper.AdoptOrphans();
        return identity;
    }
}
