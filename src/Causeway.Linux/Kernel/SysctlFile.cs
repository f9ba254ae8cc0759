using System.Text;
using Causeway.Linux.Native;

namespace Causeway.Linux.Kernel;

/// <summary>One kernel setting of the calling thread's network namespace, by the fewest calls: what is read
/// and compared elsewhere is only written here.</summary>
public static class SysctlFile
{
    /// <summary>Throws <see cref="SystemCallException"/> that names the setting.</summary>
    /// <param name="path">Below /proc/sys.</param>
    public static unsafe void Write(string path, string value)
    {
        using var file = Libc.Open("/proc/sys/" + path, Libc.WriteOnly | Libc.CloseOnExec, 0);
        if (file.IsInvalid) throw Failure(path, value);
        var bytes = Encoding.ASCII.GetBytes(value);
        fixed (byte* start = bytes)
        {
            if (Libc.Write(file, start, (nuint)bytes.Length) != bytes.Length) throw Failure(path, value);
        }
    }

    private static SystemCallException Failure(string path, string value) =>
        SystemCallException.FromLast($"cannot set {path} to {value}");
}
