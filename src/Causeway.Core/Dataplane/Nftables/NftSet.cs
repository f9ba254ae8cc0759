using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>A named set, or with <see cref="Data"/> a named map.</summary>
/// <param name="Type">The type of the keys, parts joined by <c> . </c>: <c>ipv4_addr</c>,
/// <c>ipv4_addr . inet_proto . inet_service</c>.</param>
/// <param name="Interval">Whether elements may be prefixes and ranges.</param>
public sealed record NftSet(string Name, string Type, bool Interval, NftElements Elements)
{
    /// <summary>The type of a map's values: <c>verdict</c>, <c>ipv4_addr . inet_service</c>; null for a set.</summary>
    public string? Data { get; init; }

    /// <summary>
    /// Keys and values by expressions, without the word: <c>ip daddr . numgen random mod 2 : ip daddr . th dport</c>.
    /// Needed where a type has no size of its own (<c>integer</c>). The tool's JSON does not give it back.
    /// </summary>
    public string? TypeOf { get; init; }

    /// <summary>Rules add elements. The tool's JSON does not give it back.</summary>
    public bool Dynamic { get; init; }

    /// <summary>Elements may end by themselves.</summary>
    public bool Timeouts { get; init; }

    /// <summary>After how many seconds an element ends that names no time of its own.</summary>
    public int? Timeout { get; init; }

    /// <summary>The most elements.</summary>
    public int? Size { get; init; }

    /// <summary>Each element counts its packets.</summary>
    public bool Counter { get; init; }

    public bool IsMap => Data is not null;
}

/// <summary>An element, in nft's own words.</summary>
/// <param name="Key"><c>10.0.0.0/8</c>, <c>10.96.0.10 . tcp . 80</c>; numbers in decimal.</param>
/// <param name="Data">A map's value: <c>10.244.1.5 . 8080</c>, <c>goto NAME</c>.</param>
public sealed record NftElement(string Key, string? Data = null)
{
    public string? Comment { get; init; }

    /// <summary>Seconds.</summary>
    public int? Timeout { get; init; }

    /// <summary>Seconds that are left; never compared.</summary>
    public int? Expires { get; init; }

    /// <summary>Never compared.</summary>
    public NftCounter? Counter { get; init; }

    public static implicit operator NftElement(string key) => new(key);
}

/// <summary>Elements in any order, found by their key without a search.</summary>
[CollectionBuilder(typeof(NftElements), nameof(Create))]
public sealed class NftElements : IReadOnlyList<NftElement>
{
    public static readonly NftElements Empty = new([]);

    private readonly ImmutableArray<NftElement> _elements;
    private readonly Lazy<Dictionary<string, NftElement>> _byKey;
    private readonly Lazy<ImmutableArray<NftElement>> _intervals;

    private NftElements(ImmutableArray<NftElement> elements)
    {
        _elements = elements;
        _byKey = new(() =>
        {
            var index = new Dictionary<string, NftElement>(elements.Length, StringComparer.Ordinal);
            foreach (var element in elements) index.TryAdd(element.Key, element);
            return index;
        });
        _intervals = new(() => [.. elements.Where(e => IsInterval(e.Key))]);
    }

    public int Count => _elements.Length;

    public int Length => _elements.Length;

    public NftElement this[int index] => _elements[index];

    /// <summary>Elements that hold more than one key: prefixes, ranges, names with a wildcard.</summary>
    public ImmutableArray<NftElement> Intervals => _intervals.Value;

    public static NftElements Create(ReadOnlySpan<NftElement> elements) =>
        elements.IsEmpty ? Empty : new([.. elements]);

    public static NftElements Of(IEnumerable<NftElement> elements) => new([.. elements]);

    /// <summary>The element with exactly this key.</summary>
    public NftElement? Find(string key) => _byKey.Value.GetValueOrDefault(key);

    public IEnumerator<NftElement> GetEnumerator() => ((IEnumerable<NftElement>)_elements).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // A device may have a dash in its name: then it is looked at once more, and that is all.
    private static bool IsInterval(string key) => key.AsSpan().ContainsAny('/', '-', '*');
}
