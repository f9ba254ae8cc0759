using Causeway.Core.Dataplane;

namespace Causeway.Agent;

/// <summary>
/// Devices that were read from the kernel before its news told of them. What the news tell then is their past, "down" of
/// one that is up already, until they have caught up with what was read; taken for the present it would cost a look at
/// the whole node for each new pod.
/// </summary>
internal sealed class UnannouncedLinks(TimeProvider time)
{
    /// <summary>News are a few milliseconds late. What differs for longer is no past.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Dictionary<EntryKey, (Link Read, Entry? PassedOver, DateTimeOffset Until)> _links = [];

    /// <summary>When to ask for <see cref="Overdue"/>; null when there is nothing.</summary>
    public DateTimeOffset? Next => _links.Count == 0 ? null : _links.Values.Min(l => l.Until);

    /// <summary>A device was read that was not known.</summary>
    public void Add(Link read) => _links[read.Key] = (read, null, time.GetUtcNow() + Patience);

    /// <summary>Whether this piece of news is of the past: to be passed over.</summary>
    public bool IsPast(EntryKey key, Entry? entry)
    {
        if (!_links.TryGetValue(key, out var link)) return false;
        if (entry is null || entry.Equals(link.Read))
        {
            _links.Remove(key);
            return false;
        }
        _links[key] = link with { PassedOver = entry };
        return true;
    }

    /// <summary>News that were passed over, and with which the kernel has left it.</summary>
    public IReadOnlyList<Entry> Overdue()
    {
        if (_links.Count == 0) return [];
        var now = time.GetUtcNow();
        List<Entry> overdue = [];
        foreach (var (key, link) in _links.Where(l => l.Value.Until <= now).ToList())
        {
            _links.Remove(key);
            if (link.PassedOver is { } entry) overdue.Add(entry);
        }
        return overdue;
    }
}
