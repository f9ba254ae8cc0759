using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Namespaces;

/// <summary>
/// Places to mount on, in the calling thread's own mount namespace (one of <see cref="NamespaceThread"/>). One that
/// the file system does not have is made on a tmpfs, which covers the nearest directory that there is and shows
/// what that one held: nothing is ever written to a file system that others see.
/// </summary>
public sealed class MountPoints
{
    private readonly List<string> _own = [];

    /// <summary>Below this directory, a file system of ours, whatever is missing may be made in place.</summary>
    public void Own(string directory) => _own.Add(directory);

    /// <summary>Makes sure that there is a directory, or a file, at an absolute path. Throws
    /// <see cref="IOException"/> when there is something else.</summary>
    public void Ensure(string path, bool directory)
    {
        if (directory ? Directory.Exists(path) : File.Exists(path)) return;
        if (Path.Exists(path)) throw new IOException($"'{path}' is {(directory ? "no directory" : "a directory")}");
        var parent = Path.GetDirectoryName(path)!;
        while (!Directory.Exists(parent)) parent = Path.GetDirectoryName(parent)!;
        if (!_own.Exists(own => IsAtOrBelow(parent, own))) Cover(parent);
        Directory.CreateDirectory(directory ? path : Path.GetDirectoryName(path)!);
        if (!directory) File.Create(path).Dispose();
    }

    /// <summary>Holds a file or directory, whatever is mounted over it later: as <c>/proc/self/fd/N</c> it is
    /// still a source to mount.</summary>
    public static SafeFileHandle OpenPath(string path)
    {
        var handle = Libc.Open(path, Libc.PathOnly | Libc.CloseOnExec, 0);
        return handle.IsInvalid ? throw SystemCallException.FromLast($"cannot open '{path}'") : handle;
    }

    private static bool IsAtOrBelow(string path, string root) =>
        path == root || path.StartsWith(root.EndsWith('/') ? root : root + "/", StringComparison.Ordinal);

    // What was there is reached from the thread's working directory, which stays below the cover.
    private void Cover(string directory)
    {
        var entries = new DirectoryInfo(directory).GetFileSystemInfos()
            .Select(e => (e.Name, Link: e.LinkTarget, IsDirectory: e is DirectoryInfo)).ToList();
        var mode = Convert.ToString((int)new DirectoryInfo(directory).UnixFileMode, 8);
        using var below = OpenPath(directory);
        MountNamespace.Mount("tmpfs", directory, "mode=" + mode);
        if (directory == "/") EnterNewRoot();
        SystemCallException.Check(Libc.ChangeDirectory(below), $"cannot enter '{directory}'");
        foreach (var (name, link, isDirectory) in entries)
        {
            var target = Path.Combine(directory, name);
            if (link is not null) File.CreateSymbolicLink(target, link);
            else Show(name, target, isDirectory);
        }
        Own(directory);
    }

    private static void Show(string name, string target, bool isDirectory)
    {
        if (isDirectory) Directory.CreateDirectory(target);
        else File.Create(target).Dispose();
        try
        {
            MountNamespace.Bind("./" + name, target, recursive: true);
        }
        catch (SystemCallException e) when (e.Errno == Errno.NoEntry)
        {
            // It went meanwhile.
            if (isDirectory) Directory.Delete(target);
            else File.Delete(target);
        }
    }

    // A thread's root stays what it was when something is mounted over it; entering the namespace anew finds what is on top.
    private static void EnterNewRoot()
    {
        using var own = MountNamespace.Open(MountNamespace.Current);
        MountNamespace.Enter(own, "of this thread");
    }
}
