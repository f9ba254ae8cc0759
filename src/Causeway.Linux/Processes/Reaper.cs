using System.Runtime.InteropServices;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;

namespace Causeway.Linux.Processes;

/// <summary>
/// Collects the exits of this process's children: each by a thread that waits for that child alone, so that none
/// depends on another. A program that adopts orphans collects those too.
/// </summary>
public static class Reaper
{
    private const int ExitUnknown = 255;

    private static readonly TimeSpan OrphanInterval = TimeSpan.FromSeconds(1);

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Children = [];
    private static readonly ManualResetEvent Never = new(false);
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
        HomeThread.Start("child", () => Await(child));
        return child;
    }

    private static unsafe void Await(ChildProcess child)
    {
        // The exit is awaited first and collected after, under the child's lock: its number must not go to another
        // process while somebody sends it a signal.
        SignalInfo info = default;
        while (Libc.Wait(Libc.WaitPid, child.Pid, &info, Libc.WaitExited | Libc.WaitNoReap) != 0)
        {
            if (Marshal.GetLastPInvokeError() == Errno.Interrupted) continue;
            // Somebody else waited for our child: how it ended is lost, that it ended is not.
            child.Collect(static () => ExitUnknown);
            return;
        }
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

    private static unsafe int Reap(int pid)
    {
        SignalInfo info = default;
        SystemCallException.Check(
            Libc.Wait(Libc.WaitPid, pid, &info, Libc.WaitExited | Libc.WaitNoHang), $"cannot wait for {pid}");
        return info.Code == Libc.ChildExited ? info.Status : 128 + info.Status;
    }
}
