using System.Diagnostics.CodeAnalysis;

namespace Causeway.Core.Addressing;

/// <summary>
/// A map from prefixes to values with longest-prefix lookup, both families in one.
/// A binary trie with one node per stored prefix or fork: lookups visit at most one node per distinct bit length.
/// Not safe for writing from several threads.
/// </summary>
public sealed class PrefixTrie<T>
{
    private readonly Node?[] _roots = new Node?[2];

    public int Count { get; private set; }

    /// <summary>Stores a value, replacing the one that was there.</summary>
    public void Set(Prefix prefix, T value)
    {
        ref var slot = ref _roots[(int)prefix.Family];
        while (true)
        {
            if (slot is null)
            {
                slot = new Node(prefix);
                break;
            }
            if (slot.Prefix == prefix) break;
            if (slot.Prefix.Contains(prefix))
            {
                slot = ref slot.Child(Bit(prefix.Address, slot.Prefix.Length));
                continue;
            }
            slot = Fork(slot, prefix);
            if (slot.Prefix == prefix) break;
            slot = ref slot.Child(Bit(prefix.Address, slot.Prefix.Length));
        }
        if (!slot.HasValue) Count++;
        slot.HasValue = true;
        slot.Value = value;
    }

    /// <summary>Removes a prefix; false when it was not stored.</summary>
    public bool Remove(Prefix prefix) => Remove(ref _roots[(int)prefix.Family], prefix);

    /// <summary>The value stored for exactly this prefix.</summary>
    public bool TryGet(Prefix prefix, [MaybeNullWhen(false)] out T value)
    {
        foreach (var (at, found) in Covering(prefix))
        {
            if (at != prefix) continue;
            value = found;
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>The longest stored prefix that holds the address.</summary>
    public bool TryMatch(IpAddress address, out Prefix prefix, [MaybeNullWhen(false)] out T value)
    {
        var any = false;
        prefix = default;
        value = default;
        foreach (var (at, found) in Covering(address.Host)) (any, prefix, value) = (true, at, found);
        return any;
    }

    /// <summary>Every stored prefix that contains the given one, shortest first.</summary>
    public IEnumerable<(Prefix Prefix, T Value)> Covering(Prefix prefix)
    {
        for (var node = _roots[(int)prefix.Family]; node is not null && node.Prefix.Contains(prefix);)
        {
            if (node.HasValue) yield return (node.Prefix, node.Value!);
            if (node.Prefix.Length == prefix.Length) yield break;
            node = node.Child(Bit(prefix.Address, node.Prefix.Length));
        }
    }

    /// <summary>Everything stored, in order of family, address and length.</summary>
    public IEnumerable<(Prefix Prefix, T Value)> All() => _roots.SelectMany(Walk);

    private static IEnumerable<(Prefix, T)> Walk(Node? node)
    {
        if (node is null) yield break;
        if (node.HasValue) yield return (node.Prefix, node.Value!);
        foreach (var entry in Walk(node.Zero)) yield return entry;
        foreach (var entry in Walk(node.One)) yield return entry;
    }

    private bool Remove(ref Node? slot, Prefix prefix)
    {
        if (slot is null || !slot.Prefix.Contains(prefix)) return false;
        if (slot.Prefix == prefix)
        {
            if (!slot.HasValue) return false;
            slot.HasValue = false;
            slot.Value = default;
            Count--;
        }
        else if (!Remove(ref slot.Child(Bit(prefix.Address, slot.Prefix.Length)), prefix))
        {
            return false;
        }
        // A node without a value earns its place only as a fork.
        if (!slot.HasValue && (slot.Zero is null || slot.One is null)) slot = slot.Zero ?? slot.One;
        return true;
    }

    private static Node Fork(Node below, Prefix prefix)
    {
        var common = CommonLength(below.Prefix, prefix);
        var fork = new Node(Prefix.Of(prefix.Address, common));
        fork.Child(Bit(below.Prefix.Address, common)) = below;
        return fork;
    }

    private static int CommonLength(Prefix a, Prefix b)
    {
        var difference = a.Address.Value ^ b.Address.Value;
        var equalBits = (int)UInt128.LeadingZeroCount(difference) - (128 - a.Family.Bits);
        return Math.Min(equalBits, Math.Min(a.Length, b.Length));
    }

    private static bool Bit(IpAddress address, int index) =>
        (address.Value >> (address.Family.Bits - 1 - index) & 1) != 0;

    private sealed class Node(Prefix prefix)
    {
        private Node? _zero;
        private Node? _one;

        public Prefix Prefix { get; } = prefix;

        public bool HasValue { get; set; }

        public T? Value { get; set; }

        public Node? Zero => _zero;

        public Node? One => _one;

        public ref Node? Child(bool bit) => ref bit ? ref _one : ref _zero;
    }
}
