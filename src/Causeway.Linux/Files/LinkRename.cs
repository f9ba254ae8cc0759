using Causeway.Linux.Native;

namespace Causeway.Linux.Files;

/// <summary>Renaming of symbolic links that lead to directories, which <see cref="File.Move(string, string, bool)"/>
/// takes for the directories.</summary>
public static class LinkRename
{
    /// <summary>rename(2): whoever looks for <paramref name="target"/> finds the old link or the new one. Throws
    /// <see cref="SystemCallException"/>.</summary>
    public static void Replace(string link, string target) => SystemCallException.Check(
        Libc.Rename(link, target), $"cannot rename '{link}' to '{target}'");
}
