namespace Causeway.Kubernetes.Watching;

public enum ChangeKind
{
    Added,
    Modified,
    Deleted,

    /// <summary>No object: everything that the first list held has been told. Comes once.</summary>
    Synced,
}

/// <summary>One difference between what a reflector knew and what the API holds.</summary>
/// <param name="Old">What was known before; null for Added and Synced.</param>
/// <param name="New">What is there now; null for Deleted and Synced.</param>
public readonly record struct Change<T>(ChangeKind Kind, T? Old, T? New) where T : class
{
    /// <summary>The object that this is about: the new one, or the last known of a deleted one.</summary>
    public T? Object => New ?? Old;

    /// <summary>Gives the object to whom it concerns: as it is now, or as it last was; nobody for Synced.</summary>
    public void Tell(Action<T> set, Action<T> removed)
    {
        if (New is { } now) set(now);
        else if (Old is { } gone) removed(gone);
    }
}
