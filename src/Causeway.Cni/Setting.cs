using System.Text;

namespace Causeway.Cni;

/// <summary>Kernel settings of the calling thread's network namespace.</summary>
internal static class Setting
{
    /// <param name="path">Below /proc/sys.</param>
    public static void Write(string path, string value)
    {
        // FileStream's machinery costs more than the write; a handle and one call do.
        using var file = File.OpenHandle(
            "/proc/sys/" + path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(value), 0);
    }
}
