using System.Collections.Concurrent;

namespace Causeway.Lab.ApiServer.Store;

/// <summary>One write that became part of the store.</summary>
/// <param name="Old">Null when the object is new.</param>
/// <param name="New">Null when the object is gone.</param>
public sealed record StoreEvent(long Revision, ObjectKey Key, StoredObject? Old, StoredObject? New)
{
    private readonly ConcurrentDictionary<string,
        ReadOnlyMemory<byte>> _renderings = new(StringComparer.Ordinal);
    private StoredObject? _last;

    /// <summary>The object as it is now; when gone, as it was last, at the revision of its going.</summary>
    public StoredObject Object => New ?? Last;

    /// <summary>The object before, as watchers whose selection it left are told of it.</summary>
    public StoredObject Last => _last ??= Old!.WithRevision(Revision);

    public int Size => (Old?.Json.Length ?? 0) + (New?.Json.Length ?? 0);

    /// <summary>A form of this event that all watchers of a kind share, made by the first that needs
    /// it.</summary>
    public ReadOnlyMemory<byte> Rendering(string form, Func<StoreEvent, ReadOnlyMemory<byte>> make) =>
        _renderings.GetOrAdd(form, static (_, x) => x.make(x.self), (self: this, make));
}
