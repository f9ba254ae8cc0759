using System.Runtime.InteropServices;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Processes;

/// <summary>
/// A process that need not be a child, held by a pidfd (pidfd_open(2)): however often its number is reused, a
/// signal reaches this process or none.
/// </summary>
public sealed partial class RunningProcess : IDisposable
{
    // The same numbers on every architecture.
    private const long PidfdSendSignal = 424;
    private const long PidfdOpen = 434;

    private readonly SafeFileHandle _handle;

    private RunningProcess(int pid, SafeFileHandle handle) => (Pid, _handle) = (pid, handle);

    public int Pid { get; }

    /// <summary>Readable once it has ended.</summary>
    internal SafeFileHandle Handle => _handle;

    /// <summary>Null when there is no such process. The caller then makes sure that it is the one meant.</summary>
    public static RunningProcess? Open(int pid)
    {
        var fd = SystemCall(PidfdOpen, pid, 0, 0, 0);
        if (fd >= 0) return new(pid, new SafeFileHandle((nint)fd, ownsHandle: true));
        var error = SystemCallException.FromLast($"cannot open process {pid}");
        // The latter is said, before Linux 6.15, of one that ends at that moment.
        return error.Errno is Errno.NoProcess or Errno.Invalid ? null : throw error;
    }

    /// <summary>False when it has ended.</summary>
    public bool Send(Signal signal)
    {
        if (SystemCall(PidfdSendSignal, _handle.DangerousGetHandle(), (nint)signal, 0, 0) == 0) return true;
        var error = SystemCallException.FromLast($"cannot send {signal} to process {Pid}");
        return error.Errno == Errno.NoProcess ? false : throw error;
    }

    /// <summary>Blocks until it has ended; false when it has not by then.</summary>
    public unsafe bool WaitForExit(TimeSpan timeout)
    {
        var set = new PollDescriptor
        {
            Descriptor = (int)_handle.DangerousGetHandle(), Events = PollDescriptor.Readable,
        };
        return Libc.Poll(&set, 1, (int)timeout.TotalMilliseconds) > 0;
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, nint a, nint b, nint c, nint d);
}
