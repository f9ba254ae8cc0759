using System.Text;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Kernel;

/// <summary>One kernel setting of the calling thread's network namespace, by the fewest calls: a node has twelve
/// for each pod.</summary>
public static class SysctlFile
{
    private const int LongestValue = 256;

    /// <summary>Without the end of its line; null when the kernel has no such setting, or does not let it be
    /// read.</summary>
    /// <param name="path">Below /proc/sys.</param>
    public static unsafe string? Read(string path)
    {
        using var file = Open(path, Libc.ReadOnly);
        if (file.IsInvalid) return null;
        var buffer = stackalloc byte[LongestValue];
        var count = (int)Libc.Read(file, buffer, LongestValue);
        return count < 0 ? null : Encoding.ASCII.GetString(buffer, count).TrimEnd('\n');
    }

    /// <summary>Throws <see cref="SystemCallException"/> that names the setting.</summary>
    /// <param name="path">Below /proc/sys.</param>
    public static unsafe void Write(string path, string value)
    {
        using var file = Open(path, Libc.WriteOnly);
        if (file.IsInvalid) throw Failure(path, value);
        var bytes = Encoding.ASCII.GetBytes(value);
        fixed (byte* start = bytes)
        {
            if (Libc.Write(file, start, (nuint)bytes.Length) != bytes.Length) throw Failure(path, value);
        }
    }

    private static SafeFileHandle Open(string path, int mode) =>
        Libc.Open("/proc/sys/" + path, mode | Libc.CloseOnExec, 0);

    private static SystemCallException Failure(string path, string value) =>
        SystemCallException.FromLast($"cannot set {path} = {value}");
}
