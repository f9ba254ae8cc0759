using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Nftables;

/// <summary>Elements in nft's own words: for people, and for scripts where netlink is not at hand.</summary>
public static class NftElementText
{
    /// <summary>A script that adds (or deletes) elements, one statement per set.</summary>
    public static string Script(IpFamily family, IEnumerable<NftElement> elements, bool delete = false)
    {
        StringBuilder text = new();
        foreach (var set in elements.GroupBy(e => e.Key.Set).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var items = set.Select(e => delete ? Key(family, e.Key) : Print(family, e)).Order(StringComparer.Ordinal);
            text.Append(
                CultureInfo.InvariantCulture,
                $"{(delete ? "delete" : "add")} element {family.Word} {NftSets.Table} {set.Key} {{ {string.Join(", ", items)} }}\n");
        }
        return text.ToString();
    }

    /// <summary><c>10.96.0.1 . tcp . 80 : goto pick-4</c>.</summary>
    public static string Print(IpFamily family, NftElement element)
    {
        var key = Key(family, element.Key);
        if (element.Value.Comment is { } comment) key += $" comment \"{comment}\"";
        if (element.Value.Chain is { } chain) return $"{key} : goto {chain}";
        var shape = NftSets.Of(element.Key.Set);
        return shape.IsMap ? $"{key} : {Print(family, element.Value.Data, shape.Value)}" : key;
    }

    internal static string Key(IpFamily family, NftElementKey key)
    {
        var shape = NftSets.Of(key.Set).Key;
        var first = Parts(family, key.Key, shape);
        if (key.End.IsEmpty) return string.Join(" . ", first);
        var last = Parts(family, key.End, shape);
        return string.Join(" . ", first.Zip(last, Range));
    }

    internal static string Print(IpFamily family, NftData data, ImmutableArray<NftComponent> shape) =>
        string.Join(" . ", Parts(family, data, shape));

    // As a prefix where it is one, which is how the tool lists it.
    private static string Range(string first, string last)
    {
        if (first == last) return first;
        var (from, to) = (IpAddress.Parse(first), IpAddress.Parse(last));
        var bits = from.Family.Bits - (int)UInt128.Log2(from.Value ^ to.Value) - 1;
        var prefix = Prefix.Of(from, bits);
        return prefix.Address == from && prefix.Last == to ? prefix.ToString() : $"{first}-{last}";
    }

    private static List<string> Parts(IpFamily family, NftData data, ImmutableArray<NftComponent> shape)
    {
        List<string> parts = [];
        var left = data.Bytes;
        foreach (var component in shape)
        {
            var length = component == NftComponent.Address ? family.Bytes : sizeof(uint);
            parts.Add(Part(left[..length], component));
            left = left[length..];
        }
        return parts;
    }

    private static string Part(ReadOnlySpan<byte> bytes, NftComponent component) => component switch
    {
        NftComponent.Address => IpAddress.FromBytes(bytes).ToString(),
        NftComponent.Protocol => bytes[0] switch { 6 => "tcp", 17 => "udp", _ => "sctp" },
        NftComponent.Port => BinaryPrimitives.ReadUInt16BigEndian(bytes).ToString(CultureInfo.InvariantCulture),
        _ => MemoryMarshal.Read<uint>(bytes).ToString(CultureInfo.InvariantCulture),
    };
}
