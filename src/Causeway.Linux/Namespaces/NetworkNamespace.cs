using System.Runtime.InteropServices;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Namespaces;

/// <summary>Which namespace a file or descriptor stands for: equal for the same one, whatever its
/// names.</summary>
/// <param name="Device">Device number of the namespace file system.</param>
public readonly record struct NamespaceIdentity(ulong Device, ulong Inode);

/// <summary>Network namespaces by path: named files as <c>ip netns</c> makes them, and
/// /proc/PID/ns/net.</summary>
public static class NetworkNamespace
{
    public const string Directory = "/run/netns";

    /// <summary>The calling thread's own.</summary>
    public const string Current = "/proc/thread-self/ns/net";

    private const uint StatxInode = 0x100;
    private const nuint NamespaceType = 0xb703; // NS_GET_NSTYPE
    private const int EmptyPath = 0x1000;

    /// <summary>
    /// Makes an empty namespace and keeps it under a path, which must not exist. Its directory becomes a
    /// shared mount, so that the namespace is seen, and can be removed, from every mount namespace.
    /// Throws <see cref="SystemCallException"/>.
    /// </summary>
    public static void Create(string path)
    {
        ShareDirectory(Path.GetDirectoryName(path)!);
        using (var file = Libc.Open(
            path, Libc.ReadOnly | Libc.Create | Libc.Exclusive | Libc.CloseOnExec, 0))
        {
            if (file.IsInvalid) throw SystemCallException.FromLast($"cannot create namespace '{path}'");
        }
        try
        {
            NamespaceThread.Run(() =>
            {
                SystemCallException.Check(Libc.Unshare(Libc.CloneNewNetwork), "cannot make a network namespace");
                SystemCallException.Check(
                    Libc.Mount(Current, path, null, Libc.MountBind, null), $"cannot keep namespace '{path}'");
            });
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>
    /// Makes an empty namespace that lives as long as the handle that is returned, or a process in it. Its name, which
    /// must not exist, is a link to this process's descriptor. Where there are many, that is better than mounts: each
    /// would be a line of every process's mountinfo, which each runtime reads at its start, and would be copied into
    /// each new mount namespace. Throws <see cref="IOException"/>.
    /// </summary>
    /// <param name="furnish">Called inside, before anybody else knows the namespace.</param>
    public static SafeFileHandle Hold(string path, Action furnish)
    {
        var handle = NamespaceThread.Run(() =>
        {
            SystemCallException.Check(Libc.Unshare(Libc.CloneNewNetwork), "cannot make a network namespace");
            furnish();
            return Open(Current);
        });
        try
        {
            File.CreateSymbolicLink(path, $"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}");
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Removes the name; the namespace ends when no process and no descriptor holds it. False when
    /// there is none.</summary>
    public static bool Delete(string path)
    {
        if (Libc.Unmount(path, Libc.UnmountDetach | Libc.UnmountNoFollow) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Errno.NoEntry) return false;
            // Not a mount point: a file left by a creation that was cut short.
            if (error != Errno.Invalid) throw new SystemCallException($"cannot remove namespace '{path}'", error);
        }
        File.Delete(path);
        return true;
    }

    /// <summary>A handle that keeps the namespace alive. Throws when the path is missing; whether it is a namespace's
    /// shows <see cref="IsOne"/>, or entering it.</summary>
    public static SafeFileHandle Open(string path)
    {
        var handle = Libc.Open(path, Libc.ReadOnly | Libc.CloseOnExec, 0);
        if (!handle.IsInvalid) return handle;
        throw SystemCallException.FromLast($"cannot open network namespace '{path}'");
    }

    /// <summary>Whether an open file is that of a network namespace (ioctl_ns(2), Linux 4.11).</summary>
    public static bool IsOne(SafeHandle file) => Libc.Control(file, NamespaceType) == Libc.CloneNewNetwork;

    /// <summary>Runs a function inside a namespace, on a thread of its own, and waits for it.</summary>
    public static T Run<T>(string path, Func<T> function)
    {
        using var handle = Open(path);
        return Run(handle, path, function);
    }

    public static void Run(string path, Action action) => Run(path, () =>
    {
        action();
        return true;
    });

    /// <summary>As the other, by handle.</summary>
    /// <param name="what">Names the namespace in an error.</param>
    public static T Run<T>(SafeHandle handle, string what, Func<T> function) => NamespaceThread.Run(() =>
    {
        Enter(handle, what);
        return function();
    });

    /// <summary>Moves the calling thread, which must be one of <see cref="NamespaceThread"/>.</summary>
    public static void Enter(SafeHandle handle, string what)
    {
        NamespaceThread.Require();
        SystemCallException.Check(
            Libc.SetNamespace(handle, Libc.CloneNewNetwork), $"cannot enter network namespace '{what}'");
    }

    /// <summary>Runs a function inside a namespace and comes back: for a thread of <see cref="HomeThread"/> that has
    /// more to do.</summary>
    internal static T Visit<T>(SafeHandle handle, string what, Func<T> function)
    {
        using var home = Open(Current);
        try
        {
            return NamespaceThread.Adopt(() =>
            {
                Enter(handle, what);
                return function();
            });
        }
        finally
        {
            // Whatever this thread started from now on would be born in the wrong place.
            if (Libc.SetNamespace(home, Libc.CloneNewNetwork) != 0)
                Environment.FailFast($"a thread cannot come back from network namespace '{what}'");
        }
    }

    public static NamespaceIdentity Identity(string path)
    {
        using var handle = Open(path);
        return Identity(handle);
    }

    public static unsafe NamespaceIdentity Identity(SafeHandle handle)
    {
        // struct statx is the same on every architecture: inode at 32, device major and minor at 136.
        byte* buffer = stackalloc byte[256];
        SystemCallException.Check(
            Libc.Statx(handle, "", EmptyPath, StatxInode, buffer), "cannot identify a namespace");
        return new(*(ulong*)(buffer + 136), *(ulong*)(buffer + 32));
    }

    private static void ShareDirectory(string directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        // Two processes that both found it no mount would stack two, and hide what lies in the lower one.
        using var gate = Libc.Open(directory, Libc.ReadOnly | Libc.CloseOnExec, 0);
        if (gate.IsInvalid || Libc.FileLock(gate, Libc.LockExclusive) != 0)
            throw SystemCallException.FromLast($"cannot lock '{directory}'");
        const ulong Share = Libc.MountShared | Libc.MountRecursive;
        if (Libc.Mount("", directory, "none", Share, null) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error != Errno.Invalid) throw new SystemCallException($"cannot share mount '{directory}'", error);
        SystemCallException.Check(
            Libc.Mount(directory, directory, "none", Libc.MountBind | Libc.MountRecursive, null),
            $"cannot make '{directory}' a mount");
        SystemCallException.Check(
            Libc.Mount("", directory, "none", Share, null), $"cannot share mount '{directory}'");
    }
}
