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
}
