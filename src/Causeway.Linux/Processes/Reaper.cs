using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;

namespace Causeway.Linux.Processes;

/// <summary>
/// Collects the exits of this process's children, each by its own descriptor (pidfd_open(2)), on one thread: a
/// thousand pods cost no thousand threads. A program that adopts orphans collects those too.
/// </summary>
public static class Reaper
{
    private const int ExitUnknown = 255;

    private static readonly TimeSpan OrphanInterval = TimeSpan.FromSeconds(1);

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Children = [];
    private static readonly ManualResetEvent Never = new(false);
    private static readonly ConcurrentDictionary<ulong, (ChildProcess Child, RunningProcess Process)> Awaited = [];
    private static readonly Lazy<EpollSet> Ended = new(() =>
    {
        EpollSet ended = new();
        HomeThread.Start("reaper", () => Collect(ended));
        return ended;
    });

    private static ulong _last;
    private static bool _adopting;
    private static int _spawning;

    /// <summary>
    /// Makes this process the parent of all its descendants whose own parents end (PR_SET_CHILD_SUBREAPER;
    /// PID 1 of a namespace is one anyway) and collects them too, so that no zombie stays.
    /// </summary>
    public static void AdoptOrphans()
    {
        SystemCallException.Check(
            Libc.ProcessControl(Libc.SetChildSubreaper, 1, 0, 0, 0), "cannot become the reaper of orphans");
        lock (Gate)
        {
            if (_adopting) return;
            _adopting = true;
        }
        HomeThread.Start("orphans", CollectOrphans);
    }

    /// <summary>Runs a start, which gives the child's number, and watches the child from then on.</summary>
    internal static ChildProcess Register(Func<int> spawn, string program, bool leadsGroup)
    {
        lock (Gate) _spawning++;
        ChildProcess child;
        try
        {
            child = new ChildProcess(spawn(), program, leadsGroup);
            lock (Gate) Children.Add(child.Pid);
        }
        finally
        {
            lock (Gate) _spawning--;
        }
        try
        {
            Await(child);
            return child;
        }
        catch
        {
            // Nobody would ever know of its end.
            child.Kill(Signal.Kill);
            Collect(child);
            throw;
        }
    }

    private static void Await(ChildProcess child)
    {
        var process = RunningProcess.Open(child.Pid)
            ?? throw new SystemCallException($"cannot wait for {child}", Errno.NoProcess);
        var key = Interlocked.Increment(ref _last);
        Awaited[key] = (child, process);
        try
        {
            Ended.Value.Add(process.Handle, key);
        }
        catch
        {
            Awaited.TryRemove(key, out _);
            process.Dispose();
            throw;
        }
    }

    private static void Collect(EpollSet ended)
    {
        while (true)
        {
            foreach (var key in ended.Wait())
            {
                if (!Awaited.TryRemove(key, out var awaited)) continue;
                awaited.Process.Dispose();
                Collect(awaited.Child);
            }
        }
    }

    private static void Collect(ChildProcess child)
    {
        // Under the child's lock: its number must not go to another process while somebody sends it a signal.
        child.Collect(() => Reap(child.Pid));
        lock (Gate) Children.Remove(child.Pid);
    }

    // Orphans come unannounced.
    private static void CollectOrphans()
    {
        while (true)
        {
            Never.WaitOne(OrphanInterval);
            while (CollectOrphan())
            {
                // There may be more.
            }
        }
    }

    private static unsafe bool CollectOrphan()
    {
        lock (Gate)
        {
            // A child that is being started is not known by its number yet.
            if (_spawning > 0) return false;
            SignalInfo info = default;
            if (Libc.Wait(Libc.WaitAll, 0, &info, Libc.WaitExited | Libc.WaitNoReap | Libc.WaitNoHang) != 0
                || info.Pid == 0 || Children.Contains(info.Pid))
                return false;
            Reap(info.Pid);
            return true;
        }
    }

    // Where somebody else waited for our child, how it ended is lost; that it ended is not.
    private static unsafe int Reap(int pid)
    {
        SignalInfo info = default;
        while (Libc.Wait(Libc.WaitPid, pid, &info, Libc.WaitExited) != 0)
            if (Marshal.GetLastPInvokeError() != Errno.Interrupted) return ExitUnknown;
        return info.Code == Libc.ChildExited ? info.Status : 128 + info.Status;
    }
}
