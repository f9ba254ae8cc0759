namespace Causeway.Core.Services.Nftables;

/// <summary>Which element of which set or map.</summary>
/// <param name="End">Last key of an interval, inclusive, in every component; empty for a single key. Only in sets
/// with the interval flag, where single keys have it too, equal to the key.</param>
public readonly record struct NftElementKey(string Set, NftData Key, NftData End = default);

/// <summary>What a map has at a key. Exactly one is set in maps, none in sets.</summary>
/// <param name="Chain">The chain of the verdict <c>goto</c> in a verdict map.</param>
/// <param name="Data">The value in a data map.</param>
/// <param name="Comment">Whose it is; what lists the element shows it.</param>
public readonly record struct NftElementValue(string? Chain, NftData Data = default, string? Comment = null)
{
    public static NftElementValue Member => default;

    public static NftElementValue Goto(string chain, string? comment = null) => new(chain, default, comment);

    public static NftElementValue Of(NftData data) => new(null, data);
}

/// <summary>One element of a set (no value), verdict map or data map.</summary>
public readonly record struct NftElement(NftElementKey Key, NftElementValue Value);
