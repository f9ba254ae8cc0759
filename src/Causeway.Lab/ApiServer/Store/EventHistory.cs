namespace Causeway.Lab.ApiServer.Store;

/// <summary>
/// The latest events in order of revision, bounded in number and bytes; older ones are forgotten. Not
/// thread-safe.
/// </summary>
/// <param name="start">Revision up to which nothing is known.</param>
public sealed class EventHistory(long start, int maxEvents = 10_000, long maxBytes = 16 << 20)
{
    private StoreEvent?[] _ring = new StoreEvent?[256];
    private int _first;
    private int _count;
    private long _bytes;

    /// <summary>Every event after this revision is still here.</summary>
    public long Floor { get; private set; } = start;

    public void Append(StoreEvent entry)
    {
        if (_count == _ring.Length) Grow();
        _ring[(_first + _count++) % _ring.Length] = entry;
        _bytes += entry.Size;
        while (_count > maxEvents || (_bytes > maxBytes && _count > 1)) DropOldest();
    }

    /// <summary>Events after a revision, oldest first. The revision is not below <see
    /// cref="Floor"/>.</summary>
    public IEnumerable<StoreEvent> After(long revision)
    {
        var low = 0;
        var high = _count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (At(middle).Revision <= revision) low = middle + 1;
            else high = middle;
        }
        for (var i = low; i < _count; i++) yield return At(i);
    }

    private StoreEvent At(int index) => _ring[(_first + index) % _ring.Length]!;

    private void DropOldest()
    {
        var oldest = At(0);
        Floor = oldest.Revision;
        _bytes -= oldest.Size;
        _ring[_first] = null;
        _first = (_first + 1) % _ring.Length;
        _count--;
    }

    private void Grow()
    {
        var larger = new StoreEvent?[_ring.Length * 2];
        for (var i = 0; i < _count; i++) larger[i] = At(i);
        _ring = larger;
        _first = 0;
    }
}
