using System.Globalization;
using System.Security.Cryptography;
using Causeway.Linux.Files;

namespace Causeway.Lab.Kubelet.Volumes;

/// <summary>
/// A volume's files on disk, exchanged all at once as a kubelet does: they stand in a folder with the time in its name;
/// <c>..data</c> leads to it, and is renamed over its predecessor; the names in the volume lead through <c>..data</c>.
/// Who reads a file reads the old or the new one, and who watches the folder sees one event.
/// </summary>
internal sealed class VolumeDirectory(string path, TimeProvider time)
{
    private const string Data = "..data";
    private const UnixFileMode Open = (UnixFileMode)0b111_101_101;

    private IReadOnlyDictionary<string, VolumeFile>? _written;

    public string Path => path;

    /// <summary>Makes the volume hold exactly these. False when it does already.</summary>
    public bool Write(IReadOnlyDictionary<string, VolumeFile> files)
    {
        if (_written is { } before && before.Count == files.Count
            && files.All(f => before.TryGetValue(f.Key, out var old) && old == f.Value))
            return false;
        Directory.CreateDirectory(path, Open);
        var stamp = time.GetUtcNow().ToString("yyyy_MM_dd_HH_mm_ss", CultureInfo.InvariantCulture);
        var folder = $"..{stamp}.{RandomNumberGenerator.GetHexString(10, lowercase: true)}";
        Directory.CreateDirectory(In(folder), Open);
        foreach (var (name, file) in files) WriteFile(In(folder, name), file);
        var last = new DirectoryInfo(In(Data)).LinkTarget;
        File.CreateSymbolicLink(In(Data + "_tmp"), folder);
        LinkRename.Replace(In(Data + "_tmp"), In(Data));
        ShowNames([.. files.Keys.Select(name => name.Split('/')[0])]);
        if (last is not null) Directory.Delete(In(last), recursive: true);
        _written = files;
        return true;
    }

    private static void WriteFile(string path, VolumeFile file)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!, Open);
        File.WriteAllBytes(path, file.Content);
        // Set after: the process's mask does not count here.
        new FileInfo(path).UnixFileMode = (UnixFileMode)file.Mode;
    }

    private void ShowNames(HashSet<string> wanted)
    {
        foreach (var name in wanted)
            if (new FileInfo(In(name)).LinkTarget is null)
                File.CreateSymbolicLink(In(name), System.IO.Path.Combine(Data, name));
        foreach (var entry in Directory.GetFileSystemEntries(path))
        {
            var name = System.IO.Path.GetFileName(entry);
            if (!name.StartsWith("..", StringComparison.Ordinal) && !wanted.Contains(name)) File.Delete(entry);
        }
    }

    private string In(params ReadOnlySpan<string> names) => System.IO.Path.Combine([path, .. names]);
}
