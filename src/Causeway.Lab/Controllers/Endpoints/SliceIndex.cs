using System.Collections.Concurrent;
using System.Collections.Immutable;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Endpoints;

/// <summary>Which slices name which service, so that a look at one service does not cost a look at the slices
/// of all. Holds names only: what a slice is now, the cache says.</summary>
internal sealed class SliceIndex
{
    private readonly ObjectCache<EndpointSliceObject> _cache;
    private readonly ConcurrentDictionary<string, ImmutableHashSet<string>> _byService = [];

    public SliceIndex(ObjectCache<EndpointSliceObject> cache)
    {
        _cache = cache;
        cache.OnChange((before, now) =>
        {
            if (before is not null && ServiceOf(before) is { } was && (now is null || ServiceOf(now) != was))
                Remove(was, ObjectCache<EndpointSliceObject>.KeyOf(before));
            if (now is not null && ServiceOf(now) is { } name)
                _byService.AddOrUpdate(name, static (_, key) => [key], static (_, all, key) => all.Add(key),
                    ObjectCache<EndpointSliceObject>.KeyOf(now));
        });
    }

    /// <param name="service"><c>NAMESPACE/NAME</c>.</param>
    public IEnumerable<EndpointSliceObject> Of(string service)
    {
        foreach (var key in _byService.GetValueOrDefault(service) ?? [])
            if (_cache.Find(key) is { } slice) yield return slice;
    }

    /// <summary>The key of the service that a slice names; null when it names none.</summary>
    public static string? ServiceOf(EndpointSliceObject slice) =>
        slice.Metadata.Labels?.GetValueOrDefault(EndpointSlice.ServiceNameLabel) is { } name
            ? ObjectCache<ServiceObject>.KeyOf(slice.Metadata.Namespace, name) : null;

    private void Remove(string service, string key)
    {
        var left = _byService.AddOrUpdate(
            service, static (_, _) => [], static (_, all, gone) => all.Remove(gone), key);
        if (left.IsEmpty) _byService.TryRemove(KeyValuePair.Create(service, left));
    }
}
