namespace Causeway.Lab.Workloads;

/// <summary>
/// The parts of an image name (<c>[REGISTRY/]PATH[:TAG][@DIGEST]</c>, the OCI distribution grammar, read
/// leniently: nothing is pulled, so only the name matters).
/// </summary>
/// <param name="Path">Without registry, tag and digest: <c>library/nginx</c>,
/// <c>e2e-test-images/agnhost</c>.</param>
/// <param name="Tag">Null when the reference has none.</param>
public sealed record ImageReference(string? Registry, string Path, string? Tag, string? Digest)
{
    /// <summary>The last component of the path: what the image table goes by.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public static bool TryParse(string? text, out ImageReference reference)
    {
        reference = new(null, "", null, null);
        var rest = text?.Trim() ?? "";
        string? digest = null, tag = null, registry = null;
        if (rest.IndexOf('@') is >= 0 and var at) (rest, digest) = (rest[..at], rest[(at + 1)..]);
        if (rest.LastIndexOf(':') is >= 0 and var colon && rest.IndexOf('/', colon) < 0)
            (rest, tag) = (rest[..colon], rest[(colon + 1)..]);
        if (rest.IndexOf('/') is > 0 and var slash && IsRegistry(rest[..slash]))
            (registry, rest) = (rest[..slash], rest[(slash + 1)..]);
        if (rest.Length == 0 || rest.EndsWith('/') || !rest.All(IsPathCharacter)) return false;
        if (tag is { Length: 0 } || digest is { Length: 0 }) return false;
        reference = new(registry, rest, tag, digest);
        return true;
    }

    /// <summary>A first component with a dot or a port, or localhost, is a registry.</summary>
    private static bool IsRegistry(string component) =>
        component.Contains('.') || component.Contains(':') || component == "localhost";

    private static bool IsPathCharacter(char c) =>
        char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '/' or '-' or '_' or '.';
}
