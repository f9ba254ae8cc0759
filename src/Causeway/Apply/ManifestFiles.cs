using Causeway.Core;
using Causeway.Kubernetes.Manifests;

namespace Causeway.Apply;

/// <summary>Finds and reads the manifests that a user named.</summary>
internal static class ManifestFiles
{
    private const string StandardInput = "-";

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>All manifests of all paths, in order. Throws <see cref="InputException"/>.</summary>
    public static IReadOnlyList<Manifest> Read(IEnumerable<string> paths, TextReader standardInput)
    {
        List<Manifest> manifests = [];
        foreach (var path in paths)
        {
            if (path == StandardInput) manifests.AddRange(ManifestReader.Read(standardInput.ReadToEnd(), "stdin"));
            else foreach (var file in Files(path)) manifests.AddRange(ManifestReader.Read(ReadText(file), file));
        }
        return manifests.Count > 0 ? manifests
            : throw new InputException($"-f {string.Join(' ', paths)}: there is no object in it");
    }

    private static string[] Files(string path)
    {
        if (!Directory.Exists(path)) return [path];
        var files = Directory.GetFiles(path)
            .Where(file => Extensions.Contains(Path.GetExtension(file)))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return files.Length > 0 ? files
            : throw new InputException($"-f {path}: holds no {string.Join(", ", Extensions)} file");
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"-f {file}: {e.Message}", e);
        }
    }
}
