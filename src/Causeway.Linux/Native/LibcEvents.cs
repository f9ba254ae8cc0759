using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Native;

/// <summary>Waiting on many descriptors (epoll(7)), and host names (uts_namespaces(7)).</summary>
internal static unsafe partial class Libc
{
    public const int CloneNewHostName = 0x0400_0000; // CLONE_NEWUTS
    public const int EpollAdd = 1;
    public const uint EpollReadable = 1;

    [LibraryImport(Name, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial SafeFileHandle EpollCreate(int flags);

    [LibraryImport(Name, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(SafeFileHandle epoll, int operation, SafeFileHandle fd, byte* change);

    [LibraryImport(Name, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(SafeFileHandle epoll, byte* events, int maximum, int milliseconds);

    [LibraryImport(Name, EntryPoint = "sethostname", SetLastError = true)]
    public static partial int SetHostName(byte* name, nuint length);
}
