using System.Runtime.InteropServices;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;

namespace Causeway.Linux.Processes;

/// <summary>
/// Collects the exits of all children of this process on one thread of its own, started with the first child.
/// It waits for any child, so no other code of this process may wait for children.
/// </summary>
public static class Reaper
{
    private static readonly TimeSpan OrphanInterval = TimeSpan.FromSeconds(1);

    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, ChildProcess> Children = [];
    private static readonly Dictionary<int, int> Early = [];
    private static readonly AutoResetEvent Wake = new(false);
    private static bool _started;
    private static int _spawning;
    private static volatile bool _adopting;

    /// <summary>
    /// Makes this process the parent of all its descendants whose own parents end (PR_SET_CHILD_SUBREAPER;
    /// PID 1 of a namespace is one anyway) and collects them too, so that no zombie stays.
    /// </summary>
    public static void AdoptOrphans()
    {
        SystemCallException.Check(
            Libc.ProcessControl(Libc.SetChildSubreaper, 1, 0, 0, 0), "cannot become the reaper of orphans");
        _adopting = true;
        lock (Gate) EnsureThread();
        Wake.Set();
    }

    /// <summary>Runs a start, which gives the child's number, so that an exit at any moment is not
    /// lost.</summary>
    internal static ChildProcess Register(Func<int> spawn, string program, bool leadsGroup)
    {
        lock (Gate)
        {
            _spawning++;
            EnsureThread();
        }
        ChildProcess? child = null;
        try
        {
            child = new ChildProcess(spawn(), program, leadsGroup);
            return child;
        }
        finally
        {
            lock (Gate)
            {
                if (child is not null)
                {
                    if (Early.Remove(child.Pid, out var code)) child.Collect(() => code);
                    else Children[child.Pid] = child;
                }
                if (--_spawning == 0) Early.Clear();
            }
            Wake.Set();
        }
    }

    private static void EnsureThread()
    {
        if (_started) return;
        _started = true;
        HomeThread.Start("reaper", Loop);
    }

    private static unsafe void Loop()
    {
        while (true)
        {
            SignalInfo info = default;
            if (Libc.Wait(Libc.WaitAll, 0, &info, Libc.WaitExited | Libc.WaitNoReap) == 0)
                Collect(info.Pid);
            else if (Marshal.GetLastPInvokeError() == Errno.NoChild)
                // Orphans come unannounced when nobody of ours was waiting.
                Wake.WaitOne(_adopting ? OrphanInterval : Timeout.InfiniteTimeSpan);
        }
    }

    private static void Collect(int pid)
    {
        lock (Gate)
        {
            if (Children.Remove(pid, out var child))
            {
                child.Collect(() => Reap(pid));
                return;
            }
            var code = Reap(pid);
            if (_spawning > 0) Early[pid] = code;
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
