namespace Causeway.Core.Wire.Netlink;

/// <summary>The devices of one namespace by name and by index: the wire has indexes, entries have
/// names.</summary>
public sealed class DeviceNames
{
    private readonly Dictionary<int, string> _names = [];
    private readonly Dictionary<string, int> _indexes = [];

    public void Set(int index, string name)
    {
        Remove(index);
        // The kernel has one device of a name; a stale entry is of one that was renamed or removed.
        if (_indexes.TryGetValue(name, out var stale)) _names.Remove(stale);
        _names[index] = name;
        _indexes[name] = index;
    }

    public void Remove(int index)
    {
        if (_names.Remove(index, out var name)) _indexes.Remove(name);
    }

    public void Clear()
    {
        _names.Clear();
        _indexes.Clear();
    }

    /// <summary>The name, or <c>if7</c> for an index that is not known, as the ip tool writes it.</summary>
    public string NameOf(int index) => _names.TryGetValue(index, out var name) ? name : $"if{index}";

    /// <summary>Throws <see cref="UnknownDeviceException"/>.</summary>
    public int IndexOf(string name) =>
        _indexes.TryGetValue(name, out var index) ? index : throw new UnknownDeviceException(name);

    public bool Contains(int index) => _names.ContainsKey(index);

    public bool Contains(string name) => _indexes.ContainsKey(name);
}
