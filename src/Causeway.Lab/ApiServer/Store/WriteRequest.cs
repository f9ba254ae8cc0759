namespace Causeway.Lab.ApiServer.Store;

/// <summary>How a write ended.</summary>
public enum WriteStatus
{
    /// <summary>On disk, and seen by readers and watchers.</summary>
    Written,

    /// <summary>The object is not at the revision that the writer expected. Nothing changed.</summary>
    Conflict,

    /// <summary>The disk, or the store's own limit, is full. Nothing changed.</summary>
    Full,

    /// <summary>The database refused for another reason. Nothing changed.</summary>
    Failed,
}

/// <param name="Object">Written: the object as it is now, or, deleted, as it was last.</param>
/// <param name="Message">Why not, for people.</param>
public readonly record struct WriteResult(WriteStatus Status, StoredObject? Object = null,
    string? Message = null);

/// <param name="Expected">The revision that the object must be at; 0: it must not exist.</param>
/// <param name="Document">Null deletes.</param>
internal sealed record WriteRequest(ObjectKey Key, long Expected, ObjectDocument? Document)
{
    public TaskCompletionSource<WriteResult> Done { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
