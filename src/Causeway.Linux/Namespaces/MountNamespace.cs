using System.Runtime.InteropServices;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Namespaces;

/// <summary>
/// A mount namespace of the calling thread's own, which must be one of <see cref="NamespaceThread"/>.
/// Processes that it spawns are born inside. Everything throws <see cref="SystemCallException"/> that names
/// the paths.
/// </summary>
public static class MountNamespace
{
    /// <summary>The calling thread's own, to open or keep.</summary>
    public const string Current = "/proc/thread-self/ns/mnt";

    /// <summary>Gives the thread a copy of its mounts. Changes stay inside; those made outside still come in,
    /// so that network namespaces made later are seen.</summary>
    public static void Unshare()
    {
        NamespaceThread.Require();
        SystemCallException.Check(
            Libc.Unshare(Libc.CloneFilesystem | Libc.CloneNewMount), "cannot make a mount namespace");
        SystemCallException.Check(
            Libc.Mount(null, "/", null, Libc.MountSlave | Libc.MountRecursive, null), "cannot detach the mounts");
    }

    /// <summary>Moves the thread into another's mount namespace.</summary>
    public static void Enter(SafeHandle handle, string what)
    {
        NamespaceThread.Require();
        SystemCallException.Check(Libc.Unshare(Libc.CloneFilesystem), "cannot leave the process's directories");
        SystemCallException.Check(
            Libc.SetNamespace(handle, Libc.CloneNewMount), $"cannot enter mount namespace '{what}'");
    }

    /// <summary>A handle that keeps the namespace alive.</summary>
    public static SafeFileHandle Open(string path)
    {
        var handle = Libc.Open(path, Libc.ReadOnly | Libc.CloseOnExec, 0);
        if (!handle.IsInvalid) return handle;
        throw SystemCallException.FromLast($"cannot open mount namespace '{path}'");
    }

    /// <summary>No mount below a path is shared with other namespaces any more, in either
    /// direction.</summary>
    public static void MakePrivate(string path) => SystemCallException.Check(
        Libc.Mount(null, path, null, Libc.MountPrivate | Libc.MountRecursive, null),
        $"cannot make '{path}' private");

    /// <summary>Puts a file over a file or a directory over a directory.</summary>
    /// <param name="recursive">With what is mounted below the source.</param>
    public static void Bind(string source, string target, bool readOnly = false, bool recursive = false)
    {
        var flags = Libc.MountBind | (recursive ? Libc.MountRecursive : 0);
        SystemCallException.Check(
            Libc.Mount(source, target, null, flags, null), $"cannot mount '{source}' over '{target}'");
        if (!readOnly) return;
        SystemCallException.Check(
            Libc.Mount(null, target, null, Libc.MountBind | Libc.MountRemount | Libc.MountReadOnly, null),
            $"cannot make '{target}' read-only");
    }

    /// <summary>Mounts a file system, such as <c>proc</c>, <c>sysfs</c> or <c>tmpfs</c>.</summary>
    public static void Mount(string type, string target, string? options = null) => SystemCallException.Check(
        Libc.Mount(type, target, type, 0, options), $"cannot mount {type} on '{target}'");

    /// <summary>Takes a mount away, at once from sight, and for good when nobody uses it. False when there is
    /// none.</summary>
    public static bool Unmount(string target)
    {
        if (Libc.Unmount(target, Libc.UnmountDetach | Libc.UnmountNoFollow) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error is Errno.Invalid or Errno.NoEntry
            ? false
            : throw new SystemCallException($"cannot unmount '{target}'", error);
    }
}
