using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Nftables;

/// <summary>What to do to the kernel to follow a change: the chains of the added classes must be there (else load
/// anew), then elements away and elements in (one transaction), then the unused chains, whenever there is time.
/// </summary>
/// <param name="Removed">With the value they had; an element whose value changed is in both lists.</param>
public sealed record NftChange(
    IReadOnlyList<NftClass> AddedClasses, IReadOnlyList<NftElement> Removed, IReadOnlyList<NftElement> Added,
    IReadOnlyList<NftClass> UnusedClasses)
{
    public bool IsEmpty => AddedClasses.Count + Removed.Count + Added.Count + UnusedClasses.Count == 0;
}

/// <summary>
/// The elements and classes of one family's services, kept up to date plan by plan; a change costs what the
/// changed plan holds. Equal plans give equal elements in any order. Not safe for use from several threads.
/// </summary>
public sealed class NftServices(IpFamily family)
{
    private readonly Dictionary<ServicePortKey, NftRendering> _ports = [];
    private readonly Dictionary<NftElementKey, (NftElementValue Value, int Count)> _elements = [];
    private readonly Dictionary<NftClass, int> _classes = [];

    // What was there before the first change since the last take; null: nothing.
    private readonly Dictionary<NftElementKey, NftElementValue?> _elementsBefore = [];
    private readonly Dictionary<NftClass, bool> _classesBefore = [];

    public IpFamily Family => family;

    public IEnumerable<NftElement> Elements => _elements.Select(e => new NftElement(e.Key, e.Value.Value));

    /// <summary>In use, sorted; without those they need.</summary>
    public IEnumerable<NftClass> Classes => _classes.Keys.Order();

    /// <summary>A port's plan as it is now, or null when it is no more; other families are ignored.</summary>
    public void Set(ServicePortKey key, ServicePortPlan? plan)
    {
        if (key.Family != family) return;
        var before = _ports.GetValueOrDefault(key);
        var after = plan is null ? null : NftRendering.Of(plan);
        // In before out: what both hold is not touched in between.
        foreach (var item in after?.Classes ?? []) Use(item);
        foreach (var element in before?.Elements ?? []) Drop(element.Key);
        foreach (var element in after?.Elements ?? []) Put(element);
        foreach (var item in before?.Classes ?? []) Leave(item);
        if (after is null) _ports.Remove(key);
        else _ports[key] = after;
    }

    /// <summary>What changed since the last call.</summary>
    public NftChange Take()
    {
        List<NftElement> removed = [], added = [];
        foreach (var (key, before) in _elementsBefore)
        {
            NftElementValue? now = _elements.TryGetValue(key, out var entry) ? entry.Value : null;
            if (now == before) continue;
            if (before is { } old) removed.Add(new(key, old));
            if (now is { } value) added.Add(new(key, value));
        }
        NftChange change = new(
            [.. _classesBefore.Where(c => !c.Value && _classes.ContainsKey(c.Key)).Select(c => c.Key).Order()],
            removed, added,
            [.. _classesBefore.Where(c => c.Value && !_classes.ContainsKey(c.Key)).Select(c => c.Key).Order()]);
        _elementsBefore.Clear();
        _classesBefore.Clear();
        return change;
    }

    private void Put(NftElement element)
    {
        if (_elements.TryGetValue(element.Key, out var entry))
        {
            // Hairpins are shared and equal. Any other key has one owner in the plan, and while a destination
            // passes from one port to another, the one that speaks last is the new owner.
            if (entry.Value != element.Value) _elementsBefore.TryAdd(element.Key, entry.Value);
            _elements[element.Key] = (element.Value, entry.Count + 1);
            return;
        }
        _elementsBefore.TryAdd(element.Key, null);
        _elements[element.Key] = (element.Value, 1);
    }

    private void Drop(NftElementKey key)
    {
        var (value, count) = _elements[key];
        if (count > 1)
        {
            _elements[key] = (value, count - 1);
            return;
        }
        _elementsBefore.TryAdd(key, value);
        _elements.Remove(key);
    }

    private void Use(NftClass item)
    {
        var count = _classes.GetValueOrDefault(item);
        if (count == 0) _classesBefore.TryAdd(item, false);
        _classes[item] = count + 1;
    }

    private void Leave(NftClass item)
    {
        if (--_classes[item] > 0) return;
        _classesBefore.TryAdd(item, true);
        _classes.Remove(item);
    }
}
