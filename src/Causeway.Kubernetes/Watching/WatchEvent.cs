namespace Causeway.Kubernetes.Watching;

public enum WatchEventKind
{
    Added,
    Modified,
    Deleted,

    /// <summary>No object: everything up to <see cref="WatchEvent{T}.ResourceVersion"/> has been
    /// told.</summary>
    Bookmark,
}

/// <summary>One line of a watch.</summary>
/// <param name="Object">Null for a bookmark, and for an object that could not be decoded.</param>
/// <param name="ResourceVersion">Where a watch goes on from after this event.</param>
/// <param name="Problem">Why <paramref name="Object"/> could not be decoded; else null.</param>
public readonly record struct WatchEvent<T>(
    WatchEventKind Kind, T? Object, string? ResourceVersion, string? Problem = null);
