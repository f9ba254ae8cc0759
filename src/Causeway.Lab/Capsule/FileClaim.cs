namespace Causeway.Lab.Capsule;

/// <summary>
/// A file that at most one process holds at a time (flock(2)). The kernel lets it go when the process ends,
/// however it ends, so a claim is never stale.
/// </summary>
public sealed class FileClaim : IDisposable
{
    private readonly FileStream _file;

    private FileClaim(FileStream file) => _file = file;

    /// <summary>Null when another process holds it.</summary>
    public static FileClaim? TryTake(string path)
    {
        try
        {
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
