using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Native;

/// <summary>File descriptors, mounts and namespaces of glibc.</summary>
internal static unsafe partial class Libc
{
    private const string Name = "libc";

    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Append = 0x400;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000; // O_PATH
    public const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC
    public const int Nonblocking = 0x800;

    public const int CloneNewMount = 0x0002_0000;
    public const int CloneFilesystem = 0x0000_0200;
    public const int CloneNewNetwork = 0x4000_0000;

    public const ulong MountReadOnly = 1;
    public const ulong MountRemount = 32;
    public const ulong MountBind = 4096;
    public const ulong MountRecursive = 16384;
    public const ulong MountPrivate = 1 << 18;
    public const ulong MountSlave = 1 << 19;
    public const ulong MountShared = 1 << 20;
    public const int UnmountDetach = 2;

    /// <summary>UMOUNT_NOFOLLOW: of a link nothing is taken away, wherever it leads.</summary>
    public const int UnmountNoFollow = 8;

    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle Open(string path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport(Name, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(int fd, int command, int argument);

    public const int LockExclusive = 2;

    [LibraryImport(Name, EntryPoint = "flock", SetLastError = true)]
    public static partial int FileLock(SafeHandle fd, int operation);

    [LibraryImport(Name, EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe2(int* ends, int flags);

    [LibraryImport(Name, EntryPoint = "eventfd", SetLastError = true)]
    public static partial SafeFileHandle EventFd(uint initial, int flags);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle fd, byte* buffer, nuint length);

    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeHandle fd, byte* buffer, nuint length);

    [LibraryImport(Name, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport(
        Name, EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint InterfaceIndex(string name);

    [LibraryImport(Name, EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport(Name, EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(SafeHandle fd, int kind);

    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeHandle fd, nuint request);

    [LibraryImport(Name, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string? source, string target, string? type, ulong flags, string? data);

    [LibraryImport(Name, EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string target, int flags);

    [LibraryImport(Name, EntryPoint = "fchdir", SetLastError = true)]
    public static partial int ChangeDirectory(SafeHandle directory);

    [LibraryImport(Name, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(SafeHandle directory, string path, int flags, uint mask, byte* buffer);
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public const short Readable = 1;
    public const short Writable = 4;

    public int Descriptor;
    public short Events;
    public short Returned;
}
