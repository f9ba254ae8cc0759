namespace Causeway.Core.Dataplane.Nftables;

/// <summary>A map by its name, or one that a rule holds itself.</summary>
/// <param name="Name">Null for an anonymous map.</param>
public sealed record NftMapRef(string? Name, NftElements Elements)
{
    public static NftMapRef Named(string name) => new(name, NftElements.Empty);

    public static NftMapRef Of(params ReadOnlySpan<NftElement> elements) => new(null, NftElements.Create(elements));

    public bool Equals(NftMapRef? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => Name?.GetHashCode(StringComparison.Ordinal) ?? Elements.Count;

    public override string ToString() => Name is not null
        ? "@" + Name
        : "{ " + string.Join(", ", Elements.Select(NftText.Print).Order(StringComparer.Ordinal)) + " }";
}

/// <summary>What a statement writes: an expression, or what a map holds under it.</summary>
/// <param name="Expression">nft's words: a constant, a range, <c>meta mark | 0x4000</c>; with a map its key.</param>
public sealed record NftValue(string Expression, NftMapRef? Map = null)
{
    public static implicit operator NftValue(string expression) => new(expression);

    public override string ToString() => Map is null ? Expression : $"{Expression} map {Map}";
}
