using System.Text.Json.Nodes;
using Causeway.Core;

namespace Causeway.Kubernetes.Manifests;

/// <summary>One object as a user wrote it.</summary>
/// <param name="Object">Has apiVersion, kind and metadata.name.</param>
/// <param name="File">Where it was read from, for messages.</param>
/// <param name="Lines">The line of each field by its path (<c>spec.containers[0].image</c>), from 1.</param>
public sealed record Manifest(JsonObject Object, string File, IReadOnlyDictionary<string, int> Lines)
{
    public string ApiVersion => (string)Object["apiVersion"]!;

    public string Kind => (string)Object["kind"]!;

    public string Name => (string)Object["metadata"]!["name"]!;

    public string? Namespace => (string?)Object["metadata"]!["namespace"];

    /// <summary>Where the object begins.</summary>
    public int Line => Lines.GetValueOrDefault("", 1);

    /// <summary><c>FILE:LINE: KIND NAME</c>.</summary>
    public string Where => $"{File}:{Line}: {Kind} {Name}";

    /// <summary>
    /// An error that the API server found, with the line of the deepest field that its message names; of the
    /// object itself when it names none.
    /// </summary>
    public InputException Refused(string message, Exception cause)
    {
        var field = Lines.Keys
            .Where(path => path.Length > 0 && Names(message, path))
            .OrderByDescending(path => path.Length)
            .FirstOrDefault();
        return new(
            $"{File}:{(field is null ? Line : Lines[field])}: {Kind} {Name}: {(field is null ? "" : field + ": ")}{message}",
            cause);
    }

    // The path as a whole: 'spec.port' is not named by 'spec.ports'.
    private static bool Names(string message, string path)
    {
        for (var at = message.IndexOf(path, StringComparison.Ordinal); at >= 0;
             at = message.IndexOf(path, at + 1, StringComparison.Ordinal))
        {
            var end = at + path.Length;
            var before = at == 0 || !IsWord(message[at - 1]);
            if (before && path.Contains('.') && (end == message.Length || !IsWord(message[end]))) return true;
        }
        return false;
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
